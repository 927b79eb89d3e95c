//! Resource quantities (`100m`, `1.5Gi`, `1e3`), exact to a billionth, as Kubernetes reads them (apimachinery's `resource`).

use cel::common::types::{CelBool, CelDouble, CelInt, CelString};
use cel::{DeclarationError, Env, ExecutionError};

use super::own_value;

/// A quantity, in billionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quantity(i128);

own_value!(Quantity, "kubernetes.Quantity");

const BILLION: i128 = 1_000_000_000;
/// What is larger is cut to this, and likewise below zero.
const MOST: i128 = i64::MAX as i128 * BILLION;

impl Quantity {
    /// Reads a quantity. Finer parts than a billionth are rounded away from zero.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, suffix) = unsigned.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if fraction.contains('.') || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let (binary, decimal) = powers(suffix)?;
        let digits = times_power_of_two(whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect(), binary);
        let value = billionths(&digits, decimal.saturating_add(9).saturating_sub(fraction.len() as i64)).min(MOST);
        Some(Self(if negative { -value } else { value }))
    }

    fn whole(self) -> Option<i64> {
        if self.0 % BILLION != 0 {
            return None;
        }
        i64::try_from(self.0 / BILLION).ok()
    }
}

/// What a suffix stands for: a power of two and a power of ten.
fn powers(suffix: &str) -> Option<(u32, i64)> {
    Some(match suffix {
        "Ki" => (10, 0),
        "Mi" => (20, 0),
        "Gi" => (30, 0),
        "Ti" => (40, 0),
        "Pi" => (50, 0),
        "Ei" => (60, 0),
        "n" => (0, -9),
        "u" => (0, -6),
        "m" => (0, -3),
        "" => (0, 0),
        "k" => (0, 3),
        "M" => (0, 6),
        "G" => (0, 9),
        "T" => (0, 12),
        "P" => (0, 15),
        "E" => (0, 18),
        exponent => {
            let power = exponent.strip_prefix(['e', 'E'])?;
            let digits = power.strip_prefix(['-', '+']).unwrap_or(power);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return None;
            }
            // Further out every value is cut, or rounded, to the same.
            (0, power.parse().unwrap_or(if power.starts_with('-') { -100_000 } else { 100_000 }))
        }
    })
}

/// A number in decimal digits, multiplied by two to a power up to 60.
fn times_power_of_two(mut digits: Vec<u8>, power: u32) -> Vec<u8> {
    let mut carry: u128 = 0;
    for digit in digits.iter_mut().rev() {
        let product = (u128::from(*digit) << power) + carry;
        *digit = (product % 10) as u8;
        carry = product / 10;
    }
    let mut front = Vec::new();
    while carry > 0 {
        front.push((carry % 10) as u8);
        carry /= 10;
    }
    front.reverse();
    front.extend(digits);
    front
}

/// Digits times ten to a power, what is left behind the point rounded up.
fn billionths(digits: &[u8], power: i64) -> i128 {
    let significant = digits.iter().position(|&digit| digit != 0).unwrap_or(digits.len());
    let digits = &digits[significant..];
    if digits.is_empty() {
        return 0;
    }
    let places = (digits.len() as i64).saturating_add(power);
    if places > 30 {
        return MOST;
    }
    let kept = usize::try_from(places).unwrap_or(0).min(digits.len());
    let value = digits[..kept].iter().fold(0_i128, |sum, &digit| sum * 10 + i128::from(digit));
    let zeros = u32::try_from(places - kept as i64).unwrap_or(0);
    let rest = digits[kept..].iter().any(|&digit| digit != 0);
    value.saturating_mul(10_i128.saturating_pow(zeros)) + i128::from(rest)
}

/// Registers the functions over quantities.
pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn quantity: (CelString) -> Result<Quantity>)?;
    cel::add_overload!(env, fn is_quantity: (CelString) -> CelBool)?;
    cel::add_member_overload!(env, fn is_integer: (Quantity) -> CelBool)?;
    cel::add_member_overload!(env, fn as_integer: (Quantity) -> Result<CelInt>)?;
    cel::add_member_overload!(env, fn as_approximate_float: (Quantity) -> CelDouble)?;
    cel::add_member_overload!(env, fn sign: (Quantity) -> CelInt)?;
    cel::add_member_overload!(env, fn is_greater_than: (Quantity, Quantity) -> CelBool)?;
    cel::add_member_overload!(env, fn is_less_than: (Quantity, Quantity) -> CelBool)?;
    cel::add_member_overload!(env, fn compare_to: (Quantity, Quantity) -> CelInt)?;
    cel::add_member_overload!(env, fn add: (Quantity, Quantity) -> Result<Quantity>)?;
    cel::add_member_overload!(env, fn add_integer: (Quantity, CelInt) -> Result<Quantity>, name = "add")?;
    cel::add_member_overload!(env, fn sub: (Quantity, Quantity) -> Result<Quantity>)?;
    cel::add_member_overload!(env, fn sub_integer: (Quantity, CelInt) -> Result<Quantity>, name = "sub")?;
    Ok(())
}

fn quantity(text: &CelString<'_>) -> Result<Quantity, ExecutionError> {
    Quantity::parse(text.inner()).ok_or_else(|| {
        let message = format!("found {:?}; expected a quantity such as 100m, 2, 1.5Gi or 1e3", text.inner());
        ExecutionError::function_error("quantity", message)
    })
}

fn is_quantity(text: &CelString<'_>) -> CelBool {
    Quantity::parse(text.inner()).is_some().into()
}

fn is_integer(this: &Quantity) -> CelBool {
    this.whole().is_some().into()
}

fn as_integer(this: &Quantity) -> Result<CelInt, ExecutionError> {
    this.whole().map(CelInt::from).ok_or_else(|| {
        ExecutionError::function_error("asInteger", "found a quantity that is not a whole number of 64 bits")
    })
}

fn as_approximate_float(this: &Quantity) -> CelDouble {
    let (whole, part) = (this.0 / BILLION, this.0 % BILLION);
    if part == 0 { (whole as f64).into() } else { (this.0 as f64 / BILLION as f64).into() }
}

fn sign(this: &Quantity) -> CelInt {
    (this.0.signum() as i64).into()
}

fn is_greater_than(this: &Quantity, other: &Quantity) -> CelBool {
    (this > other).into()
}

fn is_less_than(this: &Quantity, other: &Quantity) -> CelBool {
    (this < other).into()
}

fn compare_to(this: &Quantity, other: &Quantity) -> CelInt {
    super::ordering(this.cmp(other))
}

fn sum(left: Quantity, right: Option<i128>) -> Result<Quantity, ExecutionError> {
    let sum = right.and_then(|right| left.0.checked_add(right));
    sum.map(Quantity).ok_or_else(|| ExecutionError::function_error("add", "the sum of the quantities is too large"))
}

fn add(this: &Quantity, other: &Quantity) -> Result<Quantity, ExecutionError> {
    sum(*this, Some(other.0))
}

fn add_integer(this: &Quantity, other: &CelInt) -> Result<Quantity, ExecutionError> {
    sum(*this, Some(i128::from(*other.inner()) * BILLION))
}

fn sub(this: &Quantity, other: &Quantity) -> Result<Quantity, ExecutionError> {
    sum(*this, other.0.checked_neg())
}

fn sub_integer(this: &Quantity, other: &CelInt) -> Result<Quantity, ExecutionError> {
    sum(*this, Some(-i128::from(*other.inner()) * BILLION))
}
