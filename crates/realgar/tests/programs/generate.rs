//! Random programs, each fully told by its seed: the oracle says which operations make sense.

use crate::{
    model::Model,
    program::{Op, Program, Strategy},
    schemas::{Kind, Rel, Schema, Var},
};

/// A generator of numbers (splitmix64): the same numbers everywhere, for ever.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// How many objects of a kind a program has names for.
const NAMES: usize = 5;

/// The program of this seed.
pub fn program(seed: u64) -> Program {
    let mut random = Random::new(seed);
    let schema = Schema::ALL[(seed % 4) as usize];
    let length = 5 + random.below(36);
    let mut model = Model::new(schema);
    let mut ops = Vec::new();
    let mut tries = 0;
    while ops.len() < length && tries < length * 20 {
        tries += 1;
        let op = draw(&mut random, &model);
        if op.as_ref().is_some_and(|op| model.allows(op)) {
            let op = op.expect("there is one");
            model.apply(&op);
            ops.push(op);
        }
    }
    finish(&mut model, &mut ops);
    Program { schema, ops }
}

/// What still makes sense of a program when operations were taken out of it, brought to its end.
pub fn sensible(program: &Program) -> Program {
    let mut model = Model::new(program.schema);
    let mut ops = Vec::new();
    let end = [Op::Look, Op::Rollback];
    let ended = program.ops.iter().rev().zip(&end).take_while(|(op, end)| op == end).count();
    for op in &program.ops[..program.ops.len() - ended] {
        if model.allows(op) {
            model.apply(op);
            ops.push(op.clone());
        }
    }
    finish(&mut model, &mut ops);
    Program { schema: program.schema, ops }
}

/// Savepoints are closed, what can be is committed, and everything is looked at.
fn finish(model: &mut Model, ops: &mut Vec<Op>) {
    let mut end = |model: &mut Model, op: Op| {
        if model.allows(&op) && (op != Op::Commit || ops.last() != Some(&op)) {
            model.apply(&op);
            ops.push(op);
        }
    };
    while model.in_savepoint() {
        end(model, if model.failed { Op::Undo } else { Op::Keep });
        if model.in_savepoint() {
            end(model, Op::Undo);
        }
    }
    if !model.failed && model.allows(&Op::Commit) {
        end(model, Op::Commit);
    }
    end(model, Op::Rollback);
    end(model, Op::Look);
}

fn draw(random: &mut Random, model: &Model) -> Option<Op> {
    if model.failed {
        return Some(match random.below(6) {
            0 => Op::Commit,
            1 => Op::Query(random.pick(model.schema.kinds()), Vec::new()),
            2 => Op::Close,
            _ if model.in_savepoint() => Op::Undo,
            _ => Op::Rollback,
        });
    }
    let value = random.below(10) as i64;
    Some(match random.below(100) {
        0..12 => add(random, model)?,
        12..22 => {
            let (owner, rel) = place(random, model, true)?;
            Op::Append(owner, rel, any_name(random, rel.shape().target))
        }
        22..30 => {
            let (owner, rel) = place(random, model, false)?;
            let none = random.below(3) == 0;
            Op::Set(owner, rel, (!none).then(|| any_name(random, rel.shape().target)))
        }
        30..37 => {
            let (owner, rel) = place(random, model, true)?;
            let ends: Vec<Var> = model.memory.ends(owner, rel).into_iter().collect();
            if ends.is_empty() { return None } else { Op::Remove(owner, rel, random.pick(&ends)) }
        }
        37..42 => {
            let (owner, rel) = place(random, model, true)?;
            let mut items: Vec<Var> = model.memory.ends(owner, rel).into_iter().collect();
            items.retain(|_| random.below(2) == 0);
            items.extend((0..random.below(2)).map(|_| any_name(random, rel.shape().target)));
            items.sort();
            items.dedup();
            if random.below(2) == 0 { Op::Replace(owner, rel, items) } else { Op::Assign(owner, rel, items) }
        }
        42..48 => Op::Write(known(random, model)?, value),
        48..51 => {
            let (owner, rel) = place(random, model, false)?;
            let none = random.below(4) == 0;
            Op::Key(owner, rel, (!none).then(|| any_name(random, rel.shape().target)))
        }
        51..58 => Op::Delete(known(random, model)?),
        58 => Op::Again(known(random, model)?),
        59..63 => Op::Flush,
        63..69 => Op::Commit,
        69..72 => Op::Rollback,
        72 => {
            if random.below(4) == 0 {
                Op::Close
            } else {
                Op::Rollback
            }
        }
        73..75 => Op::Savepoint,
        75 => Op::Keep,
        76 => Op::Undo,
        77 => Op::Expire(known(random, model)?),
        78 => Op::ExpireAll,
        79 => Op::Refresh(known(random, model)?),
        80 => Op::Expunge(known(random, model)?),
        81 => Op::Merge(any_of(random, model), value),
        82..84 => Op::Get(any_of(random, model)),
        84..88 => {
            let var = known(random, model)?;
            Op::Load(var, random.pick(&var.kind.rels()))
        }
        88 => {
            let rels = random_kind(random, model).rels();
            Op::Preload(random.pick(&rels))
        }
        89..94 => query(random, model),
        94 => Op::Look,
        _ => elsewhere(random, model)?,
    })
}

fn random_kind(random: &mut Random, model: &Model) -> Kind {
    random.pick(model.schema.kinds())
}

fn any_name(random: &mut Random, kind: Kind) -> Var {
    Var { kind, number: random.below(NAMES) as u8 }
}

fn any_of(random: &mut Random, model: &Model) -> Var {
    let kind = random_kind(random, model);
    any_name(random, kind)
}

/// An object with a handle.
fn known(random: &mut Random, model: &Model) -> Option<Var> {
    let vars: Vec<Var> = model.life.keys().copied().collect();
    (!vars.is_empty()).then(|| random.pick(&vars))
}

/// A relationship of an object with a handle.
fn place(random: &mut Random, model: &Model, many: bool) -> Option<(Var, Rel)> {
    let var = known(random, model)?;
    let rels: Vec<Rel> = var.kind.rels().into_iter().filter(|rel| rel.shape().many == many).collect();
    (!rels.is_empty()).then(|| (var, random.pick(&rels)))
}

fn add(random: &mut Random, model: &Model) -> Option<Op> {
    let var = any_of(random, model);
    let mut fields = Vec::new();
    for rel in var.kind.rels() {
        let likely = if rel.shape().required { 6 } else { 2 };
        if random.below(7) < likely {
            let number = if rel.shape().many { 1 + random.below(3) } else { 1 };
            let mut items: Vec<Var> = (0..number).map(|_| any_name(random, rel.shape().target)).collect();
            items.sort();
            items.dedup();
            fields.push((rel, items));
        }
    }
    Some(Op::Add(var, random.below(10) as i64, fields))
}

fn query(random: &mut Random, model: &Model) -> Op {
    let kind = random_kind(random, model);
    let mut options = Vec::new();
    let mut owner = kind;
    for _ in 0..random.below(3) {
        let rel = random.pick(&owner.rels());
        options.push((rel, random.pick(&Strategy::ALL)));
        owner = rel.shape().target;
    }
    Op::Query(kind, options)
}

/// What another connection does.
fn elsewhere(random: &mut Random, model: &Model) -> Option<Op> {
    let var = any_of(random, model);
    Some(match random.below(6) {
        0 => Op::OtherWrite(var, random.below(10) as i64),
        1 => {
            let ones = var.kind.ones();
            let rel = *ones.first()?;
            let none = random.below(4) == 0;
            Op::OtherKey(var, rel, (!none).then(|| any_name(random, rel.shape().target)))
        }
        2 => {
            let ones = var.kind.ones().into_iter();
            let keys = ones.map(|one| {
                let none = !one.shape().required && random.below(4) == 0;
                (!none).then(|| any_name(random, one.shape().target))
            });
            Op::OtherAdd(var, 5, keys.collect())
        }
        3 => Op::OtherDelete(var),
        way => {
            let (post, label) = (any_name(random, Kind::Post), any_name(random, Kind::Label));
            if model.schema != Schema::Blog {
                return None;
            }
            if way == 4 { Op::OtherLink(post, label) } else { Op::OtherUnlink(post, label) }
        }
    })
}
