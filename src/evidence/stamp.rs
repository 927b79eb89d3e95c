//! Timestamps in log lines: RFC 3339, klog, syslog, nginx, Java, Go, epochs, JSON fields.
