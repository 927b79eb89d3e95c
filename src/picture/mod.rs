//! Pictures made harmless: decoded within limits, and written anew without anything that was in the file beside the pixels.
