//! `casebook user`: accounts, for whoever has the machine. It works beside a server that runs, and without one.

use std::io::Read;
use std::process::ExitCode;

use super::node::{Node, NodeOptions};
use super::serve::public_url;
use super::{Failed, runtime, say};
use crate::domain::clock::{Clock, SystemClock};
use crate::domain::{Account, Actor, Email, Line, Role};
use crate::identity::Secret;
use crate::identity::password::MOST_BYTES;
use crate::service::account::members::{self, Change, Refusal};
use crate::service::account::{AccountError, Passwords};
use crate::store::{Database, account};

/// Arguments of `casebook user`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    #[command(subcommand)]
    command: Command,
    /// The address that people use, for the links that are printed
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "CASEBOOK_PUBLIC_URL",
        default_value = "http://127.0.0.1:8080",
        value_parser = public_url
    )]
    public_url: String,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Make an account, and print a link to choose its password by
    Create(Create),
    /// List the accounts: address, role, state, name
    List {
        #[command(flatten)]
        node: NodeOptions,
    },
    /// Print a link to choose a new password by
    Reset(Named),
    /// Close an account and end its sessions
    Disable(Named),
    /// Open an account again
    Enable(Named),
    /// Change what an account may do
    Role {
        #[command(flatten)]
        named: Named,
        /// reader, author, editor or admin
        #[arg(value_parser = Role::parse)]
        role: Role,
    },
}

#[derive(Debug, clap::Args)]
struct Create {
    /// What others read beside what they write
    #[arg(long, value_parser = Line::parse)]
    name: Line,
    /// What they log in with
    #[arg(long, value_parser = Email::parse)]
    email: Email,
    /// reader, author, editor or admin
    #[arg(long, value_parser = Role::parse)]
    role: Role,
    /// Read the password from standard input instead of printing a link
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    node: NodeOptions,
}

/// Whose account.
#[derive(Debug, clap::Args)]
struct Named {
    /// The e-mail address of the account
    #[arg(value_parser = Email::parse)]
    email: Email,
    #[command(flatten)]
    node: NodeOptions,
}

impl Command {
    fn node(&self) -> &NodeOptions {
        match self {
            Self::Create(create) => &create.node,
            Self::List { node } => node,
            Self::Reset(named) | Self::Disable(named) | Self::Enable(named) | Self::Role { named, .. } => &named.node,
        }
    }
}

/// Does it.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let node = Node::visiting(options.command.node())?;
    runtime()?.block_on(async {
        let database = node.database().await?;
        match &options.command {
            Command::Create(create) => self::create(&database, create, &options.public_url).await,
            Command::List { .. } => list(&database).await,
            Command::Reset(named) => reset(&database, named, &options.public_url).await,
            Command::Disable(named) => change(&database, named, Change::Disable).await,
            Command::Enable(named) => change(&database, named, Change::Enable).await,
            Command::Role { named, role } => change(&database, named, Change::Role(*role)).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn create(database: &Database, create: &Create, public_url: &str) -> Result<(), Failed> {
    let hash = if create.password_stdin { Some(chosen(create).await?) } else { None };
    let Create { name, email, role, .. } = create;
    let person = (name.clone(), email.clone(), *role);
    let made = members::create(database, &Actor::ThisMachine, person, hash.as_deref(), SystemClock.now());
    let account = made.await.map_err(failed)?;
    let account = account.map_err(|_taken| Failed::new(format!("there is an account of {email} already")))?;
    say(&format!("made an account for {} ({}) as {}", account.name, account.email, account.role));
    if hash.is_none() {
        say_link(&reset_link(database, &account).await?, public_url);
    }
    Ok(())
}

/// What is kept of the password on standard input.
async fn chosen(create: &Create) -> Result<String, Failed> {
    let mut text = String::new();
    // One byte more than any password, and a line end: a longer one is refused, not cut.
    let most = MOST_BYTES as u64 + 3;
    std::io::stdin().take(most).read_to_string(&mut text).map_err(Failed::because("cannot read the password"))?;
    let password = text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
    let context = vec![create.name.to_string(), create.email.to_string()];
    let hash = Passwords::default().choose(password, context).await.map_err(failed)?;
    hash.map_err(Failed::because("the password is not good enough"))
}

async fn list(database: &Database) -> Result<(), Failed> {
    let mut connection = database.connection().await.map_err(Failed::because("cannot read the accounts"))?;
    for account in account::list(&mut connection).await.map_err(Failed::because("cannot read the accounts"))? {
        let state = if account.disabled_at.is_some() { "disabled" } else { "open" };
        say(&format!("{}\t{}\t{state}\t{}", account.email, account.role, account.name));
    }
    Ok(())
}

async fn reset(database: &Database, named: &Named, public_url: &str) -> Result<(), Failed> {
    let account = find(database, &named.email).await?;
    say_link(&reset_link(database, &account).await?, public_url);
    Ok(())
}

async fn reset_link(database: &Database, account: &Account) -> Result<Secret, Failed> {
    let made = members::make_reset_link(database, &Actor::ThisMachine, account.id, SystemClock.now()).await;
    let (_, secret) = made.map_err(failed)?.map_err(|refusal| refused(refusal, &account.email))?;
    Ok(secret)
}

fn say_link(secret: &Secret, public_url: &str) {
    say("choose the password here (good once, for 24 hours):");
    say(&format!("{public_url}/reset?token={}", secret.reveal()));
}

async fn change(database: &Database, named: &Named, change: Change) -> Result<(), Failed> {
    let account = find(database, &named.email).await?;
    let changed = members::change(database, &Actor::ThisMachine, account.id, change, SystemClock.now()).await;
    changed.map_err(failed)?.map_err(|refusal| refused(refusal, &account.email))?;
    say(&match change {
        Change::Role(role) => format!("{} is {role} now", account.email),
        Change::Disable => format!("{} is disabled, and all its sessions are ended", account.email),
        Change::Enable => format!("{} is enabled", account.email),
    });
    Ok(())
}

async fn find(database: &Database, email: &Email) -> Result<Account, Failed> {
    let mut connection = database.connection().await.map_err(Failed::because("cannot read the accounts"))?;
    let found = account::find_by_email(&mut connection, email).await;
    let found = found.map_err(Failed::because("cannot read the accounts"))?;
    found.map(|found| found.account).ok_or_else(|| refused(Refusal::NotFound, email))
}

fn refused(refusal: Refusal, email: &Email) -> Failed {
    Failed::new(match refusal {
        Refusal::NotFound => format!("there is no account of {email}; `casebook user list` shows those that are"),
        Refusal::LastAdmin => format!("{email} is the last admin; make somebody else an admin first"),
        Refusal::Disabled => format!("the account of {email} is disabled; `casebook user enable {email}` opens it"),
    })
}

fn failed(error: AccountError) -> Failed {
    Failed::because("the account was not changed")(error)
}
