//! Matching in the order of `std::regex`: depth first, alternatives all the way and the longest kept, repeats
//! as often as possible and then only until something matches. Patterns with alternatives or repeated groups
//! need it, because what their groups hold, and how far a match reaches, depends on that order. It may take
//! exponential time, so it counts its steps and gives up.

use super::bracket::ByteSet;
use super::parse::Node;

/// Steps in any case.
const STEPS: usize = 1 << 18;
/// Further steps for each byte of text.
const STEPS_A_BYTE: usize = 64;
/// States a program may have.
const MAX_STATES: usize = 1 << 14;

/// A group's start and end.
type Span = Option<(usize, usize)>;

/// How much searching a text may still cost.
#[derive(Debug)]
pub(super) struct Budget(usize);

/// Where a match ends and what its groups hold.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) end: usize,
    pub(super) groups: Vec<Span>,
}

/// A pattern as states.
#[derive(Debug)]
pub(super) struct Program {
    states: Vec<State>,
    start: usize,
    groups: usize,
}

#[derive(Debug)]
enum State {
    Accept,
    Begin(usize),
    Close(usize, usize),
    Either(usize, usize),
    End(usize),
    Open(usize, usize),
    Repeat { body: usize, next: usize },
    Set(ByteSet, usize),
}

impl Budget {
    /// What all matches in `text` together may cost.
    pub(super) fn for_text(text: &[u8]) -> Self {
        Self(text.len().saturating_mul(STEPS_A_BYTE).saturating_add(STEPS))
    }

    fn spend(&mut self) -> bool {
        let left = self.0.checked_sub(1);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

impl Program {
    /// `None` when it would be too large.
    pub(super) fn new(root: &Node, groups: usize) -> Option<Self> {
        let mut program = Self { states: vec![State::Accept], start: 0, groups };
        program.start = program.add(root, 0)?;
        Some(program)
    }

    /// The match that begins at `start`; one that ends at the end of the text if it must be `whole`. The outer
    /// `None` is giving up.
    pub(super) fn find(
        &self,
        text: &[u8],
        start: usize,
        whole: bool,
        budget: &mut Budget,
    ) -> Option<Option<Found>> {
        let mut run = Run {
            program: self,
            text,
            whole,
            at: start,
            spans: vec![(0, None); self.groups],
            repeats: vec![(0, 0); self.states.len()],
            solved: false,
            best: None,
            work: vec![Work::Enter(self.start)],
        };
        while budget.spend() {
            match run.work.pop() {
                Some(work) => run.step(work),
                None => return Some(run.best),
            }
        }
        None
    }

    /// Adds the states of `node`, which lead to `next`, and says where they begin.
    fn add(&mut self, node: &Node, next: usize) -> Option<usize> {
        match node {
            Node::Begin => self.push(State::Begin(next)),
            Node::End => self.push(State::End(next)),
            Node::Either(first, second) => {
                let (first, second) = (self.add(first, next)?, self.add(second, next)?);
                self.push(State::Either(first, second))
            }
            Node::Group(group, inner) => {
                let close = self.push(State::Close(*group, next))?;
                let inner = self.add(inner, close)?;
                self.push(State::Open(*group, inner))
            }
            Node::Repeat(inner, low, high) => {
                let mut start = match high {
                    None => {
                        let repeat = self.push(State::Repeat { body: 0, next })?;
                        let body = self.add(inner, repeat)?;
                        self.states[repeat] = State::Repeat { body, next };
                        repeat
                    }
                    Some(high) => {
                        let mut start = next;
                        for _ in *low..*high {
                            let body = self.add(inner, start)?;
                            start = self.push(State::Repeat { body, next })?;
                        }
                        start
                    }
                };
                for _ in 0..*low {
                    start = self.add(inner, start)?;
                }
                Some(start)
            }
            Node::Sequence(nodes) => {
                nodes.iter().rev().try_fold(next, |next, node| self.add(node, next))
            }
            Node::Set(set) => self.push(State::Set(ByteSet::clone(set), next)),
        }
    }

    fn push(&mut self, state: State) -> Option<usize> {
        if self.states.len() >= MAX_STATES {
            return None;
        }
        self.states.push(state);
        Some(self.states.len() - 1)
    }
}

/// What is still to be done; the rest of what recursion would remember.
enum Work {
    /// After the first alternative: forget its success for now and try the second.
    AfterFirst(usize),
    /// After the second alternative: whether the first had succeeded.
    AfterSecond(bool),
    /// After a repeat's body: the former count, and what follows the repeat.
    AfterBody {
        repeat: usize,
        former: (usize, u8),
        next: usize,
    },
    Enter(usize),
    /// Puts a group back as it was.
    Group(usize, (usize, Span)),
    /// Puts the position back.
    Position(usize),
}

struct Run<'p> {
    program: &'p Program,
    text: &'p [u8],
    whole: bool,
    at: usize,
    /// For each group: where it was opened last, and its last span.
    spans: Vec<(usize, Span)>,
    /// For each repeat: where its body was entered last, and how often there.
    repeats: Vec<(usize, u8)>,
    solved: bool,
    best: Option<Found>,
    work: Vec<Work>,
}

impl Run<'_> {
    fn step(&mut self, work: Work) {
        match work {
            Work::AfterBody { repeat, former, next } => {
                self.repeats[repeat] = former;
                if !self.solved {
                    self.work.push(Work::Enter(next));
                }
            }
            Work::AfterFirst(second) => {
                self.work.push(Work::AfterSecond(self.solved));
                self.work.push(Work::Enter(second));
                self.solved = false;
            }
            Work::AfterSecond(first) => self.solved |= first,
            Work::Enter(state) => self.enter(state),
            Work::Group(group, former) => self.spans[group] = former,
            Work::Position(former) => self.at = former,
        }
    }

    fn enter(&mut self, state: usize) {
        match &self.program.states[state] {
            State::Accept => self.accept(),
            State::Begin(next) => {
                if self.at == 0 {
                    self.work.push(Work::Enter(*next));
                }
            }
            State::Close(group, next) => {
                let former = self.spans[*group];
                self.work.push(Work::Group(*group, former));
                self.work.push(Work::Enter(*next));
                self.spans[*group].1 = Some((former.0, self.at));
            }
            State::Either(first, second) => {
                self.work.push(Work::AfterFirst(*second));
                self.work.push(Work::Enter(*first));
            }
            State::End(next) => {
                if self.at == self.text.len() {
                    self.work.push(Work::Enter(*next));
                }
            }
            State::Open(group, next) => {
                self.work.push(Work::Group(*group, self.spans[*group]));
                self.work.push(Work::Enter(*next));
                self.spans[*group].0 = self.at;
            }
            State::Repeat { body, next } => {
                // At one place a body may match nothing once more, so that its groups say so; not forever.
                let former = self.repeats[state];
                let count = if former.1 == 0 || former.0 != self.at { 1 } else { former.1 + 1 };
                if count <= 2 {
                    self.repeats[state] = (self.at, count);
                    self.work.push(Work::AfterBody { repeat: state, former, next: *next });
                    self.work.push(Work::Enter(*body));
                } else if !self.solved {
                    self.work.push(Work::Enter(*next));
                }
            }
            State::Set(set, next) => {
                if self.text.get(self.at).is_some_and(|byte| set.contains(*byte)) {
                    self.work.push(Work::Position(self.at));
                    self.work.push(Work::Enter(*next));
                    self.at += 1;
                }
            }
        }
    }

    fn accept(&mut self) {
        self.solved = !self.whole || self.at == self.text.len();
        let better = self.best.as_ref().is_none_or(|best| best.end < self.at);
        if self.solved && better {
            let groups = self.spans.iter().map(|(_, span)| *span).collect();
            self.best = Some(Found { end: self.at, groups });
        }
    }
}
