//! What CEL in Kubernetes has beyond the language itself: quantities, addresses, URLs, versions, lists, sets, patterns.

#[expect(clippy::needless_pass_by_value, reason = "the crate hands a function its arguments by value")]
mod equality;
#[expect(clippy::needless_pass_by_value, reason = "the crate hands a function its arguments by value")]
mod lists;
mod network;
#[expect(clippy::needless_pass_by_value, reason = "the crate hands a function its arguments by value")]
mod patterns;
mod quantity;
mod semver;
#[expect(clippy::needless_pass_by_value, reason = "the crate hands a function its arguments by value")]
mod strings;
mod url;

use std::cmp::Ordering;
use std::sync::{Arc, LazyLock};

use cel::common::types::{CelInt, DYN_TYPE, Type};
use cel::{DeclarationError, Env};

use super::budget;

/// The environment that rules are read and run in. What of it a rule may use is in `signatures.rs`.
pub(super) fn environment() -> Arc<Env> {
    static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| {
        let mut env = Env::stdlib();
        let declared = extend(&mut env);
        // Two functions under one name and signature are a mistake in this folder, which any test finds.
        debug_assert_eq!(declared, Ok(()));
        Arc::new(env)
    });
    ENVIRONMENT.clone()
}

fn extend(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_extension(cel::extensions::strings)?;
    quantity::extension(env)?;
    network::extension(env)?;
    url::extension(env)?;
    semver::extension(env)?;
    lists::extension(env)?;
    strings::extension(env)?;
    equality::extension(env)?;
    patterns::extension(env)?;
    env.add_overload("@pay", "pay", any(2), budget::pay)?;
    env.add_overload("@walk", "walk", any(2), budget::walk)?;
    env.add_overload("@range", "range", any(3), budget::range)
}

/// Arguments of whatever types, which a function of ours looks at itself.
fn any(count: usize) -> Vec<Type> {
    std::iter::repeat_with(|| DYN_TYPE).take(count).collect()
}

fn ordering(ordering: Ordering) -> CelInt {
    (ordering as i64).into()
}

/// Makes a type of ours a CEL value: opaque, equal by `==`.
macro_rules! own_value {
    ($type:ident, $name:literal) => {
        impl cel::common::value::Val for $type {
            fn get_type(&self) -> &cel::common::types::Type {
                <Self as cel::common::value::Val>::cel_type()
            }

            fn cel_type() -> &'static cel::common::types::Type {
                static TYPE: cel::common::types::Type = cel::common::types::Type::new_unspecified_type($name);
                &TYPE
            }

            fn equals(&self, other: &dyn cel::common::value::Val) -> bool {
                other.downcast_ref::<Self>().is_some_and(|other| self == other)
            }

            fn clone_as_boxed<'v>(&self) -> Box<dyn cel::common::value::Val + 'v>
            where
                Self: 'v,
            {
                Box::new(self.clone())
            }

            fn as_any(&self) -> Option<&dyn std::any::Any> {
                Some(self)
            }
        }

        impl cel::common::value::StaticVal for $type {}
    };
}
use own_value;
