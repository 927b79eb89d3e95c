//! Three-way merges: what two people wrote on the same base, as one text where they do not contradict each other.
