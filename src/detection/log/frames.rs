//! Frames: choices of lines that together meet a rule. The oldest that can be made is tried first; what rules it out
//! takes one line from it, and the next is made of the rest. Each line is taken at most once, and a search that takes
//! too much work is given up.

use super::grammar::{Options, Order};
use super::timeline::{Rank, Timeline};

/// A part of a rule: a term that must hit `count` times. In a sequence, one stands after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    /// Which term.
    pub(super) term: usize,
    /// How often; at least once.
    pub(super) count: usize,
}

/// A search looks at no more hits than this: some hundred thousand frames of a usual rule. Only a rule of hundreds of
/// steps over hundreds of thousands of lines that nearly meet it comes to this.
const MOST_LOOKS: usize = 20_000_000;

/// What a rule asks of time and order.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) order: Order,
    /// In a set, each term has one step.
    pub(super) steps: Vec<Step>,
    /// From the first hit to the last, in nanoseconds, both included.
    pub(super) window: Option<i64>,
}

/// What is left of a term that was hit, and of the negatives.
pub(super) struct Frames<'r> {
    shape: &'r Shape,
    timeline: &'r Timeline<'r>,
    /// Of each term, the ranks that it hits, ascending.
    hits: Vec<Vec<Rank>>,
    /// Of each step, the first of its term's hits that is not used up.
    from: Vec<usize>,
}

/// A negative condition with the ranks that it hits, ascending.
pub(super) struct Denial<'r> {
    pub(super) options: &'r Options,
    pub(super) hits: Vec<Rank>,
}

/// What came of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// These hits, as term and rank, in the order of the steps.
    Fired(Vec<(usize, Rank)>),
    /// Each choice of lines was ruled out, the first by this hit of this negative.
    Denied { negative: usize, rank: Rank },
    /// No choice of lines meets the rule.
    Unmet,
}

/// The first and the last hit of a frame.
#[derive(Clone, Copy)]
struct Frame {
    first: Hit,
    last: Rank,
}

/// One hit of a frame: the step, the how-manieth of its hits, and the rank.
#[derive(Clone, Copy)]
struct Hit {
    step: usize,
    offset: usize,
    rank: Rank,
}

impl<'r> Frames<'r> {
    /// `hits` has the ranks of each term of the shape.
    pub(super) fn new(shape: &'r Shape, timeline: &'r Timeline<'r>, hits: Vec<Vec<Rank>>) -> Self {
        Self { shape, timeline, hits, from: vec![0; shape.steps.len()] }
    }

    /// Looks for the first frame that holds.
    pub(super) fn first(mut self, denials: &[Denial<'_>]) -> Outcome {
        let window = self.shape.window.filter(|_| self.timeline.is_stamped());
        let looks = self.looks(denials);
        let mut denied = None;
        for _ in 0..MOST_LOOKS / looks {
            let Some(frame) = self.oldest() else { break };
            let span = self.timeline.at(frame.last).saturating_sub(self.timeline.at(frame.first.rank));
            if window.is_some_and(|window| span > window) {
                self.take(frame.first);
                continue;
            }
            let ruled_out = denials.iter().enumerate().find_map(|(negative, denial)| {
                let anchor = self.anchor(frame, denial.options.anchor);
                let rank = self.denied(frame, anchor, denial)?;
                Some((anchor, Outcome::Denied { negative, rank }))
            });
            match ruled_out {
                Some((anchor, outcome)) => {
                    denied.get_or_insert(outcome);
                    self.take(anchor);
                }
                None => return Outcome::Fired(self.chosen()),
            }
        }
        denied.unwrap_or(Outcome::Unmet)
    }

    /// How many hits are looked at for one frame.
    fn looks(&self, denials: &[Denial<'_>]) -> usize {
        let hits: usize = self.shape.steps.iter().map(|step| step.count).sum();
        let of_denials = denials.iter().map(|denial| if denial.options.anchor == 0 { 20 } else { 20 + hits });
        1 + self.shape.steps.len() + of_denials.sum::<usize>()
    }

    /// The frame of the oldest hits that are left.
    fn oldest(&mut self) -> Option<Frame> {
        match self.shape.order {
            Order::Any => self.oldest_set(),
            Order::Sequence => self.oldest_sequence(),
        }
    }

    fn oldest_set(&self) -> Option<Frame> {
        let mut frame: Option<Frame> = None;
        for (step, from) in self.from.iter().copied().enumerate() {
            let Step { term, count } = self.shape.steps[step];
            let hits = self.hits[term].get(from..from + count)?;
            let (first, last) = (Hit { step, offset: 0, rank: *hits.first()? }, *hits.last()?);
            frame = Some(match frame {
                Some(frame) => Frame {
                    first: if first.rank < frame.first.rank { first } else { frame.first },
                    last: last.max(frame.last),
                },
                None => Frame { first, last },
            });
        }
        frame
    }

    fn oldest_sequence(&mut self) -> Option<Frame> {
        let mut last: Option<Rank> = None;
        for (step, from) in self.from.iter_mut().enumerate() {
            let Step { term, count } = self.shape.steps[step];
            let hits = &self.hits[term];
            if let Some(last) = last {
                *from += hits.get(*from..)?.partition_point(|&rank| rank <= last);
            }
            last = Some(*hits.get(*from + count - 1)?);
        }
        let first = Hit { step: 0, offset: 0, rank: self.hits[self.shape.steps.first()?.term][self.from[0]] };
        Some(Frame { first, last: last? })
    }

    /// The hit of a frame that an anchor names. In a sequence it counts along the steps, in a set along time.
    fn anchor(&self, frame: Frame, anchor: usize) -> Hit {
        if anchor == 0 {
            return frame.first;
        }
        let mut all = self.all();
        match self.shape.order {
            Order::Sequence => all.nth(anchor).unwrap_or(frame.first),
            Order::Any => {
                let mut all: Vec<Hit> = all.collect();
                if anchor >= all.len() {
                    return frame.first;
                }
                *all.select_nth_unstable_by_key(anchor, |hit| (hit.rank, hit.step)).1
            }
        }
    }

    /// The hits of the oldest frame, along the steps.
    fn all(&self) -> impl Iterator<Item = Hit> {
        self.shape.steps.iter().zip(&self.from).enumerate().flat_map(move |(step, (&Step { term, count }, &from))| {
            (0..count).map(move |offset| Hit { step, offset, rank: self.hits[term][from + offset] })
        })
    }

    fn chosen(&self) -> Vec<(usize, Rank)> {
        self.all().map(|hit| (self.shape.steps[hit.step].term, hit.rank)).collect()
    }

    /// The first hit of a negative in its interval. Where stamps are equal to its start lines decide: what stands
    /// before the frame is not in it, unless the negative looks back.
    fn denied(&self, frame: Frame, anchor: Hit, denial: &Denial<'_>) -> Option<Rank> {
        let (start, stop) = self.interval(frame, anchor, denial.options);
        let earliest = if denial.options.slide < 0 { 0 } else { frame.first.rank };
        let index = denial.hits.partition_point(|&rank| rank < earliest || self.timeline.at(rank) < start);
        denial.hits.get(index).copied().filter(|&rank| self.timeline.at(rank) <= stop)
    }

    /// When a negative counts, both ends included.
    fn interval(&self, frame: Frame, anchor: Hit, options: &Options) -> (i64, i64) {
        let (first, last) = (self.timeline.at(frame.first.rank), self.timeline.at(frame.last));
        let anchor = self.timeline.at(anchor.rank);
        if !self.timeline.is_stamped() {
            // Lines tell no spans: a negative that looks back or ahead does so to the end of the log.
            let start = if options.slide < 0 { i64::MIN } else { anchor };
            let stop = match (options.window.max(options.slide) > 0, options.is_absolute) {
                (true, _) => i64::MAX,
                (false, true) => anchor,
                (false, false) => last,
            };
            return (start, stop);
        }
        let span = if options.is_absolute { 0 } else { last.saturating_sub(first) };
        let width = options.window.saturating_add(span).max(0);
        let start = anchor.saturating_add(options.slide);
        (start, start.saturating_add(width))
    }

    /// Takes a hit out of what is left.
    fn take(&mut self, hit: Hit) {
        let from = self.from[hit.step];
        // Those before it move up by one, into the place that became free.
        self.hits[self.shape.steps[hit.step].term].copy_within(from..from + hit.offset, from + 1);
        self.from[hit.step] += 1;
    }
}
