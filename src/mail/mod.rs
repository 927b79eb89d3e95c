//! Letters: written by services, sent over SMTP.
