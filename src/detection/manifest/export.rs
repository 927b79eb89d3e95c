//! A manifest rule as a ValidatingAdmissionPolicy, with the binding that puts it to work.
