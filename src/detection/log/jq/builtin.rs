//! The functions of jq that rules may call: those that look at a line, none that reach out of it.

mod bare;
mod filtered;
mod valued;

use super::filter::Filter;
use super::math::size;
use super::run::Runner;
use super::value::Json;
use super::work::Stop;

use self::bare::Bare;
use self::filtered::Filtered;
use self::valued::Valued;

/// A function, told apart by name and number of arguments.
#[derive(Debug, Clone, Copy)]
pub(super) enum Builtin {
    /// Of the input alone.
    Bare(Bare),
    /// Runs its arguments itself.
    Filtered(Filtered),
    /// Of the input and what its one argument answers, for each answer.
    Valued(Valued),
}

impl Builtin {
    /// The function of a name, where rules may call it.
    pub(super) fn named(name: &str, arguments: usize) -> Option<Self> {
        match arguments {
            0 => Bare::named(name).map(Self::Bare),
            1 => Valued::named(name).map(Self::Valued).or_else(|| Filtered::named(name, 1).map(Self::Filtered)),
            _ => Filtered::named(name, arguments).map(Self::Filtered),
        }
    }
}

impl Runner {
    /// Calls a function that has the arguments it was looked up with.
    pub(super) fn call(
        &mut self,
        builtin: Builtin,
        arguments: &[Filter],
        input: &Json,
        answers: &mut Vec<Json>,
    ) -> Result<(), Stop> {
        self.work.spend(size(input))?;
        match (builtin, arguments) {
            (Builtin::Bare(bare), _) => self.bare(bare, input, answers),
            (Builtin::Valued(valued), [argument]) => {
                for value in self.all(argument, input)? {
                    answers.push(self.valued(valued, input, &value)?);
                }
                Ok(())
            }
            (Builtin::Filtered(filtered), [first, rest @ ..]) => {
                self.filtered(filtered, first, rest.first(), input, answers)
            }
            (Builtin::Valued(_) | Builtin::Filtered(_), _) => Err(Stop::raised("cannot be called so")),
        }
    }

    /// The items of a list, the values of an object.
    fn items(&mut self, input: &Json) -> Result<Vec<Json>, Stop> {
        let mut items = Vec::new();
        self.iterate(input, &mut items)?;
        Ok(items)
    }
}
