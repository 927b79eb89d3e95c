//! The integration tests: one binary, a real PostgreSQL, a real server on port 0.
