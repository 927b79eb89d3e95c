//! What a provider's groups mean here.

use std::str::FromStr;

use crate::domain::{Invalid, Role};

/// A group with its role, written `GROUP=ROLE`. Groups may hold `=` themselves, as names in a directory do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRole {
    /// What the provider calls the group, to the letter.
    pub group: String,
    /// What its members may do.
    pub role: Role,
}

impl FromStr for GroupRole {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (group, role) = text
            .rsplit_once('=')
            .filter(|(group, _)| !group.trim().is_empty())
            .ok_or_else(|| Invalid::new(text, "GROUP=ROLE, such as sre=editor"))?;
        Ok(Self { group: group.trim().to_owned(), role: Role::parse(role)? })
    }
}

/// Which role somebody gets for the groups they are in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleMapping {
    groups: Vec<GroupRole>,
    otherwise: Option<Role>,
}

impl RoleMapping {
    /// `otherwise` is for whoever is in no group that has a role; none keeps them out.
    pub fn new(groups: Vec<GroupRole>, otherwise: Option<Role>) -> Self {
        Self { groups, otherwise }
    }

    /// Whether roles follow the groups. Otherwise the provider has no say in the role of an account that exists.
    pub fn follows_groups(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Whether there is anybody who gets a role.
    pub(super) fn lets_somebody_in(&self) -> bool {
        self.follows_groups() || self.otherwise.is_some()
    }

    /// The highest role that the groups give; none keeps somebody out.
    pub fn role_in(&self, groups: &[String]) -> Option<Role> {
        let given = self.groups.iter().filter(|one| groups.contains(&one.group)).map(|one| one.role);
        given.max().or(self.otherwise)
    }
}

#[cfg(test)]
mod tests {
    use super::{GroupRole, RoleMapping};
    use crate::domain::Role;

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn mapping(otherwise: Option<Role>) -> RoleMapping {
        let lines = ["staff=author", "sre=editor", "cn=ops,dc=example=admin"];
        RoleMapping::new(lines.iter().map(|line| line.parse().expect("a mapping")).collect(), otherwise)
    }

    #[test]
    fn of_the_roles_that_somebody_s_groups_give_the_highest_counts() {
        let mapping = mapping(Some(Role::Reader));
        assert_eq!(mapping.role_in(&groups(&["sre", "staff"])), Some(Role::Editor));
        assert_eq!(mapping.role_in(&groups(&["staff", "cn=ops,dc=example", "sre"])), Some(Role::Admin));
        assert_eq!(mapping.role_in(&groups(&["staff"])), Some(Role::Author));
    }

    #[test]
    fn whoever_is_in_no_such_group_gets_the_default_role_or_stays_out() {
        for strange in [groups(&[]), groups(&["SRE", "sre ", "ops"])] {
            assert_eq!(mapping(Some(Role::Reader)).role_in(&strange), Some(Role::Reader), "{strange:?}");
            assert_eq!(mapping(None).role_in(&strange), None, "{strange:?}");
        }
    }

    #[test]
    fn a_mapping_is_a_group_an_equals_sign_and_a_role() {
        let parsed: GroupRole = "a=b=reader".parse().expect("a mapping");
        assert_eq!(parsed, GroupRole { group: "a=b".to_owned(), role: Role::Reader });
        for wrong in ["", "sre", "=editor", " =editor", "sre=", "sre=owner"] {
            assert!(wrong.parse::<GroupRole>().is_err(), "{wrong:?}");
        }
    }
}
