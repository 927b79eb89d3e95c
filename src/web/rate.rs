//! How often one address may ask. Pages that are kept in memory are sent before anything is counted: what costs next to
//! nothing needs no bound.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::sync::atomic::{AtomicUsize, Ordering};

use actix_web::HttpRequest;
use actix_web::http::Method;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use super::error::PageError;
use super::state::Settings;
use super::{peer, visitor};
use crate::domain::Actor;

/// What the operator chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RateLimit {
    /// Everybody asks as often as they like.
    Off,
    /// So many times as often as usual.
    Times(NonZeroU32),
}

impl RateLimit {
    /// More is as good as none.
    const MOST: u32 = 1_000;
}

impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            return Ok(Self::Off);
        }
        let times = text.parse().ok().filter(|times: &NonZeroU32| times.get() <= Self::MOST);
        times
            .map(Self::Times)
            .ok_or_else(|| format!("found {text:?}; expected off, or a number from 1 to {}", Self::MOST))
    }
}

/// Whether somebody is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    Stranger,
    Member,
}

impl Standing {
    /// A member's browser saves drafts while its owner writes, and a house of members shares an address.
    fn times(self) -> u32 {
        match self {
            Self::Stranger => 1,
            Self::Member => 10,
        }
    }
}

/// What a request makes the server do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Load {
    Read,
    Match,
    Write,
}

impl Load {
    const ALL: [Self; 3] = [Self::Read, Self::Match, Self::Write];

    fn of(method: &Method, path: &str) -> Self {
        match path {
            _ if method.is_safe() => Self::Read,
            "/" | "/api/v1/match" => Self::Match,
            _ => Self::Write,
        }
    }

    /// How many a second, and how many at once by someone who has not asked for a while.
    fn usual(self) -> (u32, u32) {
        match self {
            Self::Read => (50, 200),
            Self::Match => (5, 20),
            Self::Write => (1, 10),
        }
    }
}

/// Where somebody asks from. A household has 2^64 addresses of IPv6 and counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Origin(IpAddr);

impl Origin {
    fn of(address: IpAddr) -> Self {
        Self(peer::counted(address))
    }
}

/// How often each address asked of late.
pub struct Rates<C: Clock = MonotonicClock> {
    /// By load and standing; none where nothing is counted.
    limiters: Vec<Limiter<C>>,
}

struct Limiter<C: Clock> {
    load: Load,
    standing: Standing,
    rates: RateLimiter<Origin, HashMapStateStore<Origin>, C, NoOpMiddleware<C::Instant>>,
    /// Counts what was asked, to know when to forget.
    asked: AtomicUsize,
}

impl Rates {
    /// As the operator chose.
    pub fn new(limit: RateLimit) -> Self {
        Self::with_clock(limit, &MonotonicClock)
    }

    /// Counts nothing.
    pub fn off() -> Self {
        Self::new(RateLimit::Off)
    }

    /// Counts a request; refused if its address has asked too often. What comes from a trusted machine is not counted.
    pub(super) fn admit(
        &self,
        request: &HttpRequest,
        settings: &Settings,
        standing: Standing,
    ) -> Result<(), PageError> {
        // A request without an address came by no network.
        let Some(from) = peer::address(settings, request) else { return Ok(()) };
        if visitor::stranger(settings, request.peer_addr(), request.headers()) == Actor::ThisMachine {
            return Ok(());
        }
        let load = Load::of(request.method(), request.path());
        self.count(Origin::of(from), load, standing).map_err(too_often)
    }
}

fn too_often(seconds: u64) -> PageError {
    let soon = if seconds == 1 { "a second".to_owned() } else { format!("{seconds} seconds") };
    PageError::TooOften { words: format!("Too many requests came from your address. Try again in {soon}."), seconds }
}

impl<C: Clock + Clone> Rates<C> {
    fn with_clock(limit: RateLimit, clock: &C) -> Self {
        let RateLimit::Times(times) = limit else { return Self { limiters: Vec::new() } };
        let limiter = |load: Load, standing: Standing| {
            let many = |usual: u32| NonZeroU32::MIN.saturating_add(usual * standing.times() * times.get() - 1);
            let (each_second, at_once) = load.usual();
            let quota = Quota::per_second(many(each_second)).allow_burst(many(at_once));
            let rates = RateLimiter::hashmap_with_clock(quota, clock.clone());
            Limiter { load, standing, rates, asked: AtomicUsize::new(0) }
        };
        let of_load = |load| [Standing::Stranger, Standing::Member].map(|standing| limiter(load, standing));
        Self { limiters: Load::ALL.into_iter().flat_map(of_load).collect() }
    }

    /// The error is how many seconds there are to wait.
    fn count(&self, origin: Origin, load: Load, standing: Standing) -> Result<(), u64> {
        let fits = |limiter: &&Limiter<C>| limiter.load == load && limiter.standing == standing;
        self.limiters.iter().find(fits).map_or(Ok(()), |limiter| limiter.count(origin))
    }
}

impl<C: Clock> Limiter<C> {
    /// After so many requests the addresses are forgotten that may ask as much as they never did. An address is worth
    /// remembering for ten seconds at most, so that memory holds few more than there come in that time.
    const TIDY_AFTER: usize = 4_096;

    fn count(&self, origin: Origin) -> Result<(), u64> {
        if self.asked.fetch_add(1, Ordering::Relaxed) % Self::TIDY_AFTER == Self::TIDY_AFTER - 1 {
            self.rates.retain_recent();
        }
        let refused = self.rates.check_key(&origin).err();
        let wait = refused.map(|not_until| not_until.wait_time_from(self.rates.clock().now()));
        wait.map_or(Ok(()), |wait| Err(wait.as_secs_f64().ceil().max(1.0) as u64))
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::num::NonZeroU32;
    use std::time::Duration;

    use actix_web::http::Method;
    use governor::clock::FakeRelativeClock;

    use super::{Load, Origin, RateLimit, Rates, Standing};

    fn at(address: &str) -> Origin {
        Origin::of(address.parse::<IpAddr>().expect("an address"))
    }

    fn rates(times: u32) -> (Rates<FakeRelativeClock>, FakeRelativeClock) {
        let clock = FakeRelativeClock::default();
        (Rates::with_clock(RateLimit::Times(NonZeroU32::new(times).expect("a number")), &clock), clock)
    }

    fn admitted(rates: &Rates<FakeRelativeClock>, load: Load, standing: Standing) -> usize {
        (0..10_000).take_while(|_| rates.count(at("192.0.2.7"), load, standing).is_ok()).count()
    }

    #[test]
    fn an_address_has_its_burst_and_then_so_many_a_second() {
        for (load, at_once, each_second) in [(Load::Read, 200, 50), (Load::Match, 20, 5), (Load::Write, 10, 1)] {
            let (rates, clock) = rates(1);
            assert_eq!(admitted(&rates, load, Standing::Stranger), at_once, "{load:?}");
            assert_eq!(rates.count(at("192.0.2.7"), load, Standing::Stranger), Err(1));
            clock.advance(Duration::from_secs(2));
            assert_eq!(admitted(&rates, load, Standing::Stranger), 2 * each_second, "{load:?}");
            assert_eq!(rates.count(at("192.0.2.8"), load, Standing::Stranger), Ok(()), "nobody else is kept out");
        }
    }

    #[test]
    fn members_and_those_whom_the_operator_gives_more_have_more() {
        assert_eq!(admitted(&rates(1).0, Load::Write, Standing::Member), 100);
        assert_eq!(admitted(&rates(3).0, Load::Write, Standing::Stranger), 30);
        let off = Rates::off();
        assert!((0..1_000).all(|_| off.count(at("192.0.2.7"), Load::Write, Standing::Stranger).is_ok()));
    }

    #[test]
    fn the_addresses_of_one_household_are_one() {
        assert_eq!(at("2001:db8:0:1::1"), at("2001:db8:0:1:ffff::2"));
        assert_ne!(at("2001:db8:0:1::1"), at("2001:db8:0:2::1"));
        assert_eq!(at("::ffff:192.0.2.7"), at("192.0.2.7"));
        assert_ne!(at("192.0.2.7"), at("192.0.2.8"));
    }

    #[test]
    fn addresses_that_have_gone_are_forgotten() {
        let (rates, clock) = rates(1);
        let limiter = rates.limiters.iter().find(|limiter| limiter.load == Load::Write).expect("there is one");
        for number in 0..40_000_u32 {
            limiter.count(Origin::of(IpAddr::from(number.to_be_bytes()))).expect("the first of its address");
            clock.advance(Duration::from_millis(5));
        }
        assert!(limiter.rates.len() < 2 * 4_096, "{}", limiter.rates.len());
    }

    #[test]
    fn what_a_request_costs_is_told_by_its_method_and_address() {
        assert_eq!(Load::of(&Method::GET, "/"), Load::Read);
        assert_eq!(Load::of(&Method::HEAD, "/stories"), Load::Read);
        assert_eq!(Load::of(&Method::POST, "/"), Load::Match);
        assert_eq!(Load::of(&Method::POST, "/api/v1/match"), Load::Match);
        for (method, path) in
            [(Method::POST, "/login"), (Method::PUT, "/"), (Method::from_bytes(b"ODD").expect("a method"), "/x")]
        {
            assert_eq!(Load::of(&method, path) == Load::Match, path == "/");
            assert_ne!(Load::of(&method, path), Load::Read);
        }
    }

    #[test]
    fn the_operator_says_off_or_how_many_times() {
        assert_eq!("off".parse(), Ok(RateLimit::Off));
        assert_eq!("4".parse(), Ok(RateLimit::Times(NonZeroU32::new(4).expect("a number"))));
        for wrong in ["", "0", "-1", "1001", "1.5", "OFF", "9999999999"] {
            assert!(wrong.parse::<RateLimit>().is_err(), "{wrong}");
        }
    }
}
