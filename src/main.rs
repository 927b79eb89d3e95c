//! The `casebook` program: parse, start telemetry, run.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = casebook::cli::Arguments::parse();
    casebook::telemetry::start(arguments.log_format);
    casebook::cli::run(arguments)
}
