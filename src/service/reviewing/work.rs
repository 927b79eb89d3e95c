//! Proof of work: what a submission without an account is paid with, in place of a picture puzzle. It costs a browser a
//! second and a machine that sends thousands its time; it tells nothing of anybody, and everybody can do it.
//!
//! A proof is a number that, behind a challenge, makes a SHA-256 with so many leading zero bits. The challenge is a
//! version 7 UUID: it says itself when it was made, so that no node has to remember it and none needs a key. Who makes
//! one up has the same work with it.

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::{NoContext, Timestamp, Uuid};

use crate::store::work::{count_submission, spend};
use crate::store::{Connection, StoreError};

/// How many leading zero bits a proof has: a quarter of a million tries on average.
pub const BITS: u32 = 18;

/// How old a challenge may be: a story takes its time.
const AGE: TimeDelta = TimeDelta::days(1);

/// How far the clocks of nodes may differ.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// How many submissions an address has in [`WINDOW`].
pub const MOST: u64 = 5;

/// See [`MOST`].
const WINDOW: TimeDelta = TimeDelta::hours(1);

/// A challenge with its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// Says when it was made.
    pub challenge: Uuid,
    /// The number behind it.
    pub answer: u64,
}

/// Why a proof is none.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// There is none, or it cannot be read.
    #[error("Found no proof of work; expected the one that the form makes in a browser with scripts.")]
    Missing,
    /// The challenge is too old, or from the future.
    #[error("Found a proof of work that is more than a day old; expected a new one.")]
    Old,
    /// The number is wrong.
    #[error("Found a proof of work that does not add up; expected {BITS} leading zero bits.")]
    Wrong,
    /// It was used before.
    #[error("Found a proof of work that was used before; expected a new one.")]
    Spent,
    /// Too much came from there of late.
    #[error("{MOST} stories have come from your address within an hour. Wait a while, or log in.")]
    TooMany,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A challenge made now.
pub fn challenge(now: DateTime<Utc>) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or_default();
    Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos()))
}

impl Proof {
    /// Reads what a form holds.
    pub fn parse(challenge: &str, answer: &str) -> Result<Self, WorkError> {
        let challenge = Uuid::try_parse(challenge).map_err(|_| WorkError::Missing)?;
        let answer = answer.parse().map_err(|_| WorkError::Missing)?;
        Ok(Self { challenge, answer })
    }

    /// Whether it is one, for now.
    pub fn verify(self, now: DateTime<Utc>) -> Result<(), WorkError> {
        let made = self.challenge.get_timestamp().map(|timestamp| timestamp.to_unix().0);
        let made = made.and_then(|seconds| DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0));
        let made = made.ok_or(WorkError::Wrong)?;
        if now - made > AGE || made - now > AHEAD {
            return Err(WorkError::Old);
        }
        if leading_zeros(&Sha256::digest(self.text())) < BITS { Err(WorkError::Wrong) } else { Ok(()) }
    }

    /// What is hashed. `work.js` makes the same.
    fn text(self) -> String {
        format!("casebook:{}:{}", self.challenge.hyphenated(), self.answer)
    }

    /// Does the work. For tests and programs; browsers have `work.js`.
    pub fn find(challenge: Uuid) -> Self {
        let mut proof = Self { challenge, answer: 0 };
        while leading_zeros(&Sha256::digest(proof.text())) < BITS {
            proof.answer += 1;
        }
        proof
    }
}

/// What somebody without an account gives for a submission.
#[derive(Debug, Clone)]
pub struct Price {
    /// That their machine worked for it.
    pub proof: Proof,
    /// What counts as the one address that they come from.
    pub network: String,
}

/// Takes a proof for a submission from an address, in the transaction that the submission is kept in: what is refused
/// for another reason costs nothing.
pub async fn pay(
    connection: &mut Connection,
    now: DateTime<Utc>,
    Price { proof, network }: &Price,
) -> Result<(), WorkError> {
    proof.verify(now)?;
    if !spend(connection, proof.challenge, now, now - AGE - AHEAD).await? {
        return Err(WorkError::Spent);
    }
    if count_submission(connection, &key(network), now - WINDOW, now).await? > MOST {
        return Err(WorkError::TooMany);
    }
    Ok(())
}

fn key(network: &str) -> [u8; 32] {
    Sha256::digest(format!("submission from {network}")).into()
}

fn leading_zeros(hash: &[u8]) -> u32 {
    let zeros = hash.iter().take_while(|byte| **byte == 0).count();
    let rest = hash.get(zeros).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(zeros).map_or(u32::MAX, |zeros| zeros * 8 + rest)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Proof, WorkError, challenge, leading_zeros};

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    #[test]
    fn a_proof_is_good_for_a_day() {
        let proof = Proof::find(challenge(now()));
        assert!(proof.verify(now()).is_ok());
        assert!(proof.verify(now() + TimeDelta::hours(23)).is_ok());
        assert!(matches!(proof.verify(now() + TimeDelta::hours(25)), Err(WorkError::Old)));
        assert!(matches!(proof.verify(now() - TimeDelta::hours(1)), Err(WorkError::Old)));
    }

    #[test]
    fn a_number_that_was_not_worked_for_is_none() {
        let proof = Proof::find(challenge(now()));
        let other = Proof { answer: proof.answer + 1, ..proof };
        assert!(matches!(other.verify(now()), Err(WorkError::Wrong)));
        let of_no_time = Proof { challenge: uuid::Uuid::nil(), ..proof };
        assert!(matches!(of_no_time.verify(now()), Err(WorkError::Wrong)));
        for (challenge, answer) in [("", ""), ("x", "1"), ("0190163d-8694-739b-aea5-966c26f8ad91", "-1")] {
            assert!(matches!(Proof::parse(challenge, answer), Err(WorkError::Missing)));
        }
    }

    #[test]
    fn zeros_are_counted_bit_by_bit() {
        assert_eq!([&[0xff][..], &[0, 0x10], &[0, 0]].map(leading_zeros), [0, 11, 16]);
    }
}
