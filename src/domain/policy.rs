//! Who may do what: the operator's choices and the roles, in one place. Every route names the permission that it needs.

use super::{Actor, Role, Scope, Via};

/// What a request needs to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// To be let in, to know that the server is alive, to get a style sheet: everybody may.
    Enter,
    /// To read, search and match.
    Read,
    /// To write a story and hand it in.
    Submit,
    /// To review, publish, restore, withdraw and merge.
    Publish,
    /// To change what is one's own: password, sessions, tokens.
    KeepAccount,
    /// To manage accounts and read the audit log.
    Administer,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 6] =
        [Self::Enter, Self::Read, Self::Submit, Self::Publish, Self::KeepAccount, Self::Administer];

    /// The least role that has it.
    pub fn least_role(self) -> Role {
        match self {
            Self::Enter | Self::Read | Self::KeepAccount => Role::Reader,
            Self::Submit => Role::Author,
            Self::Publish => Role::Editor,
            Self::Administer => Role::Admin,
        }
    }
}

/// What the operator chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Policy {
    /// Who may read.
    pub reading: Reading,
    /// Who may hand stories in.
    pub submission: Submission,
    /// What requests from this machine may do.
    pub local: Local,
}

/// Who may read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// Everybody who reaches the server.
    Public,
    /// Accounts only.
    Members,
}

/// Who may hand stories in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Submission {
    /// Everybody; what comes without an account always goes through review.
    Open,
    /// Accounts from author on.
    Members,
    /// Nobody: the server is read-only.
    Off,
}

/// What requests from this machine may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Local {
    /// Everything, without an account: for one person's own machine.
    Trusted,
    /// As much as others.
    Like,
}

/// Why something may not be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Denial {
    /// Whoever it is has to be known first.
    #[error("Log in to do this.")]
    Unknown,
    /// They are known, and may not.
    #[error("This takes the role of {}, which your account does not have.", .0.label().to_lowercase())]
    Role(Role),
    /// The token is for less.
    #[error("This API token is for reading only.")]
    Scope,
    /// Only people with a session may, not programs with a token.
    #[error("This is done in the browser, logged in; an API token does not do.")]
    Session,
    /// The operator turned writing off.
    #[error("This Casebook is read-only: nothing can be submitted or changed here.")]
    ReadOnly,
}

impl Policy {
    /// Everything from this machine, and reading from everywhere: how Casebook is tried out.
    pub const TRYING: Self = Self { reading: Reading::Public, submission: Submission::Members, local: Local::Trusted };

    /// Decides.
    pub fn permits(&self, actor: &Actor, permission: Permission) -> Result<(), Denial> {
        let writes = matches!(permission, Permission::Submit | Permission::Publish);
        if writes && self.submission == Submission::Off {
            return Err(Denial::ReadOnly);
        }
        match actor {
            Actor::Anonymous => match permission {
                Permission::Enter => Ok(()),
                Permission::Read if self.reading == Reading::Public => Ok(()),
                Permission::Submit if self.submission == Submission::Open => Ok(()),
                Permission::Read
                | Permission::Submit
                | Permission::Publish
                | Permission::KeepAccount
                | Permission::Administer => Err(Denial::Unknown),
            },
            // There is no account to keep; all else is theirs: whoever runs the machine has the database.
            Actor::ThisMachine if permission == Permission::KeepAccount => Err(Denial::Unknown),
            Actor::ThisMachine => Ok(()),
            Actor::Member(member) => {
                match (member.via, permission) {
                    (Via::Token(..), Permission::KeepAccount | Permission::Administer) => return Err(Denial::Session),
                    (Via::Token(_, Scope::Read), _) if writes => return Err(Denial::Scope),
                    (Via::Token(..) | Via::Session(_), _) => {}
                }
                let least = permission.least_role();
                let is_open = permission == Permission::Submit && self.submission == Submission::Open;
                if member.role >= least || is_open { Ok(()) } else { Err(Denial::Role(least)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Denial, Local, Permission, Policy, Reading, Submission};
    use crate::domain::{AccountId, Actor, Line, Member, Role, Scope, SessionId, TokenId, Via};

    fn member(role: Role, via: Via) -> Actor {
        Actor::Member(Member { account: AccountId::new(), name: Line::parse("Ada").expect("a name"), role, via })
    }

    fn logged_in(role: Role) -> Actor {
        member(role, Via::Session(SessionId::new()))
    }

    const PUBLIC: Policy = Policy { reading: Reading::Public, submission: Submission::Members, local: Local::Like };

    #[test]
    fn each_role_may_do_what_those_before_it_may_and_more() {
        let count = |actor: &Actor| Permission::ALL.iter().filter(|one| PUBLIC.permits(actor, **one).is_ok()).count();
        assert_eq!(count(&Actor::Anonymous), 2);
        let counts: Vec<_> = Role::ALL.iter().map(|role| count(&logged_in(*role))).collect();
        assert_eq!(counts, [3, 4, 5, 6]);
    }

    #[test]
    fn a_private_instance_shows_strangers_the_door_and_nothing_else() {
        let policy = Policy { reading: Reading::Members, ..PUBLIC };
        assert_eq!(policy.permits(&Actor::Anonymous, Permission::Enter), Ok(()));
        assert_eq!(policy.permits(&Actor::Anonymous, Permission::Read), Err(Denial::Unknown));
        assert_eq!(policy.permits(&logged_in(Role::Reader), Permission::Read), Ok(()));
    }

    #[test]
    fn where_submission_is_open_everybody_hands_in_and_nobody_publishes() {
        let policy = Policy { submission: Submission::Open, ..PUBLIC };
        for actor in [Actor::Anonymous, logged_in(Role::Reader)] {
            assert_eq!(policy.permits(&actor, Permission::Submit), Ok(()));
            assert!(policy.permits(&actor, Permission::Publish).is_err());
        }
    }

    #[test]
    fn nobody_writes_to_a_read_only_server() {
        let policy = Policy { submission: Submission::Off, local: Local::Trusted, ..PUBLIC };
        for actor in [Actor::Anonymous, Actor::ThisMachine, logged_in(Role::Admin)] {
            for permission in [Permission::Submit, Permission::Publish] {
                assert_eq!(policy.permits(&actor, permission), Err(Denial::ReadOnly));
            }
            assert_eq!(policy.permits(&actor, Permission::Read), Ok(()));
        }
    }

    #[test]
    fn a_token_does_no_more_than_its_scope_and_never_touches_accounts() {
        let token = |role, scope| member(role, Via::Token(TokenId::new(), scope));
        let (reads, writes) = (token(Role::Admin, Scope::Read), token(Role::Admin, Scope::Write));
        assert_eq!(PUBLIC.permits(&reads, Permission::Read), Ok(()));
        assert_eq!(PUBLIC.permits(&reads, Permission::Submit), Err(Denial::Scope));
        assert_eq!(PUBLIC.permits(&writes, Permission::Publish), Ok(()));
        assert_eq!(PUBLIC.permits(&writes, Permission::Administer), Err(Denial::Session));
        assert_eq!(
            PUBLIC.permits(&token(Role::Reader, Scope::Write), Permission::Submit),
            Err(Denial::Role(Role::Author))
        );
    }
}
