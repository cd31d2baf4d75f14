//! Expressions are evaluated; inside `where`, names are fields of the model.

use std::pin::Pin;

use realgar::{
    Expression, ModelDesc, Select, Type, Value,
    dynamic::{AnyColumn, AnyHandle, any_related},
};
use serde_json::Value as Json;

use super::{
    Fault, Shell, hint,
    parse::{Expr, Op},
    value::{Object, Val},
};

type Evaluated<'s> = Pin<Box<dyn Future<Output = Result<Val, Fault>> + Send + 's>>;

impl Shell {
    /// Evaluates an expression; `scope` is the model of the `where` around it. Boxed, since it calls itself.
    pub(super) fn eval<'s>(&'s mut self, expr: &'s Expr, scope: Option<&'static ModelDesc>) -> Evaluated<'s> {
        Box::pin(async move {
            match expr {
                Expr::Literal(json) => Ok(Val::Plain(json.clone())),
                Expr::Last => Ok(self.last.clone()),
                Expr::Name(name) => self.named(name, scope),
                Expr::List(items) => {
                    let mut values = Vec::with_capacity(items.len());
                    for item in items {
                        values.push(self.eval(item, scope).await?);
                    }
                    Ok(Val::List(values))
                }
                Expr::Field(of, name) => {
                    let of = self.eval(of, scope).await?;
                    self.field(of, name).await
                }
                Expr::Index(of, index) => {
                    let of = self.eval(of, scope).await?;
                    let index = self.eval(index, None).await?;
                    self.index(of, index).await
                }
                Expr::Call(callee, arguments) => self.call(callee, arguments, scope).await,
                Expr::Compare(left, op, right) => {
                    let left = self.eval(left, scope).await?;
                    let right = self.eval(right, scope).await?;
                    self.compare(left, *op, &right)
                }
                Expr::In(left, list) => {
                    let left = self.eval(left, scope).await?;
                    let Val::List(list) = self.eval(list, scope).await? else {
                        return Err("a list is expected behind `in`: ['a', 'b']".into());
                    };
                    self.one_of(&left, &list)
                }
                Expr::And(left, right) => {
                    let left = criterion(self.eval(left, scope).await?)?;
                    Ok(Val::Criterion(left & criterion(self.eval(right, scope).await?)?))
                }
                Expr::Or(left, right) => {
                    let left = criterion(self.eval(left, scope).await?)?;
                    Ok(Val::Criterion(left | criterion(self.eval(right, scope).await?)?))
                }
                Expr::Not(inner) => Ok(Val::Criterion(!criterion(self.eval(inner, scope).await?)?)),
                Expr::Select { model, criterion: filter, order, limit } => {
                    let model = self.db.model(model).map_err(|_| self.nothing_called(model))?;
                    let mut select = Select::of(model);
                    if let Some(filter) = filter {
                        select = select.filter(criterion(self.eval(filter, Some(model)).await?)?);
                    }
                    for (by, descending) in order {
                        let Val::Column(column) = self.eval(by, Some(model)).await? else {
                            return Err("a column is expected behind `order by`".into());
                        };
                        select = select.order_by(if *descending { column.desc() } else { column.asc() });
                    }
                    if let Some(limit) = limit {
                        select = select.limit(*limit);
                    }
                    Ok(Val::query(model, select))
                }
            }
        })
    }

    fn named(&self, name: &str, scope: Option<&'static ModelDesc>) -> Result<Val, Fault> {
        if let Some(found) = scope.and_then(|model| self.of_model(model, name)) {
            return Ok(found);
        }
        if let Some(value) = self.variables.get(name) {
            return Ok(value.clone());
        }
        match name {
            "db" => Ok(Val::Db),
            _ => self.db.model(name).map(Val::Model).map_err(|_| match scope {
                Some(model) => hint::no_field(&self.db, model, name).into(),
                None => self.nothing_called(name).into(),
            }),
        }
    }

    /// A column or relationship of a model.
    pub(super) fn of_model(&self, model: &'static ModelDesc, name: &str) -> Option<Val> {
        let column = AnyColumn::new(model, name).map(Val::Column);
        column.or_else(|| {
            let relationships = self.db.relationships(model).ok()?;
            let found = relationships.into_iter().find(|found| found.name == name)?;
            Some(Val::Relationship(model, found.name, found.target))
        })
    }

    async fn field(&mut self, of: Val, name: &str) -> Result<Val, Fault> {
        match (of, name) {
            (Val::Db, "session") => Ok(Val::Session),
            (Val::Model(model), "query") => Ok(Val::query(model, Select::of(model))),
            (Val::Model(model), _) => {
                self.of_model(model, name).ok_or_else(|| hint::no_field(&self.db, model, name).into())
            }
            (Val::Relationship(model, relationship, target), _) => match AnyColumn::new(target, name) {
                Some(column) => Ok(Val::Beyond(model, relationship, column)),
                None => Err(format!("`{}` has no column `{name}`", target.name()).into()),
            },
            (Val::Object(object), _) => self.field_of(object, name).await,
            (Val::Query(_, select), _) => {
                let objects = self.objects(*select).await?;
                self.field_of_all(objects, name).await
            }
            (Val::List(items), _) => self.field_of_all(items, name).await,
            (other, _) => Err(format!("{} has no field `{name}`", other.sort()).into()),
        }
    }

    /// The same field of each: the values, or all that is at the other ends.
    async fn field_of_all(&mut self, items: Vec<Val>, name: &str) -> Result<Val, Fault> {
        let mut values = Vec::new();
        for item in items {
            let Val::Object(object) = item else {
                return Err(format!("{} has no field `{name}`", item.sort()).into());
            };
            match self.field_of(object, name).await? {
                Val::List(found) => found.into_iter().for_each(|found| {
                    if !values.iter().any(|known| same(known, &found)) {
                        values.push(found);
                    }
                }),
                value => values.push(value),
            }
        }
        Ok(Val::List(values))
    }

    async fn field_of(&mut self, object: Object, name: &str) -> Result<Val, Fault> {
        let object = match self.resolve(object) {
            Object::Known(object) => object,
            Object::Draft(draft) => return self.field_of_draft(draft, name),
        };
        if let Some(column) = AnyColumn::new(object.model(), name) {
            return Ok(Val::of(&self.session.dynamic().cell(object, column.position())?));
        }
        let relationships = self.db.relationships(object.model())?;
        let Some(relationship) = relationships.into_iter().find(|found| found.name == name) else {
            return Err(hint::no_field(&self.db, object.model(), name).into());
        };
        let found = self.session.dynamic().load(object, name).await?;
        let mut found = found.into_iter().map(|found| Val::Object(Object::Known(found)));
        Ok(match relationship.many {
            true => Val::List(found.collect()),
            false => found.next().unwrap_or(Val::Plain(Json::Null)),
        })
    }

    fn field_of_draft(&self, draft: usize, name: &str) -> Result<Val, Fault> {
        let draft = &self.drafts[draft];
        if let Some(column) = AnyColumn::new(draft.model, name) {
            let value = draft.columns.iter().find(|(known, _)| known.position() == column.position());
            let shown = |value: &Value<'_>| if column.is_secret() { Val::Secret } else { Val::of(value) };
            return Ok(value.map_or(Val::Plain(Json::Null), |(_, value)| shown(value)));
        }
        match draft.related.iter().find(|(known, _)| *known == name) {
            Some((_, ends)) => Ok(Val::List(ends.iter().map(|&end| Val::Object(end)).collect())),
            None if self.of_model(draft.model, name).is_none() => {
                Err(hint::no_field(&self.db, draft.model, name).into())
            }
            None => {
                Err(format!("`{name}` of a new object is not known before it is added\n  way out: `add` it first")
                    .into())
            }
        }
    }

    async fn index(&mut self, of: Val, index: Val) -> Result<Val, Fault> {
        let items = match of {
            Val::Model(model) => return self.get(model, index).await,
            Val::List(items) => items,
            Val::Query(_, select) => self.objects(*select).await?,
            other => return Err(format!("{} has no items", other.sort()).into()),
        };
        let Val::Plain(Json::Number(number)) = index else { return Err("a position is a number".into()) };
        let count = items.len();
        let position = number.as_i64().map(|at| if at < 0 { at + count as i64 } else { at });
        let found = position.and_then(|at| usize::try_from(at).ok()).and_then(|at| items.into_iter().nth(at));
        found.ok_or_else(|| format!("there is no item {number}: there are {count}").into())
    }

    /// The object with this key; several columns are a list.
    pub(super) async fn get(&mut self, model: &'static ModelDesc, key: Val) -> Result<Val, Fault> {
        let parts = match key {
            Val::List(parts) => parts,
            one => vec![one],
        };
        let columns = AnyColumn::all(model).filter(|column| column.is_key());
        let values: Vec<Value<'static>> =
            columns.zip(&parts).map(|(column, part)| part.cell(column)).collect::<Result<_, _>>()?;
        let found = self.session.dynamic().get(model, values).await?;
        Ok(found.map_or(Val::Plain(Json::Null), |found| Val::Object(Object::Known(found))))
    }

    pub(super) async fn objects(&mut self, select: Select<AnyHandle>) -> Result<Vec<Val>, Fault> {
        let found = self.session.dynamic().all(select).await?;
        Ok(found.into_iter().map(|found| Val::Object(Object::Known(found))).collect())
    }

    fn compare(&self, left: Val, op: Op, right: &Val) -> Result<Val, Fault> {
        match left {
            Val::Column(column) => Ok(Val::Criterion(self.test(column, op, right)?)),
            Val::Beyond(model, relationship, column) => {
                let test = self.test(column, op, right)?;
                Ok(Val::Criterion(any_related(model, relationship, test)))
            }
            Val::Plain(left) => match (op, right) {
                (Op::Eq, Val::Plain(right)) => Ok(Val::Plain((left == *right).into())),
                (Op::Ne, Val::Plain(right)) => Ok(Val::Plain((left != *right).into())),
                _ => Err("values are compared by `==` and `!=`".into()),
            },
            other => Err(format!("{} cannot be compared", other.sort()).into()),
        }
    }

    /// A column compared with a value, or with another column.
    fn test(&self, column: AnyColumn, op: Op, right: &Val) -> Result<realgar::Expr<bool>, Fault> {
        if op == Op::Like {
            let Val::Plain(Json::String(pattern)) = right else { return Err("`like` takes a text".into()) };
            return Ok(column.like(pattern));
        }
        let value = right.cell(column)?;
        Ok(match (op, value.is_null()) {
            (Op::Eq, true) => column.is_null(),
            (Op::Ne, true) => !column.is_null(),
            (Op::Eq, false) => column.eq(value),
            (Op::Ne, false) => column.ne(value),
            (Op::Lt, _) => column.lt(value),
            (Op::Le, _) => column.le(value),
            (Op::Gt, _) => column.gt(value),
            (Op::Ge, _) => column.ge(value),
            (Op::Like, _) => unreachable!("answered above"),
        })
    }

    pub(super) fn one_of(&self, left: &Val, list: &[Val]) -> Result<Val, Fault> {
        let tests = list.iter().map(|item| self.compare(left.clone(), Op::Eq, item).and_then(criterion));
        let tests: Vec<_> = tests.collect::<Result<_, _>>()?;
        let any = tests.into_iter().reduce(|left, right| left | right);
        any.map(Val::Criterion).ok_or_else(|| "the list behind `in` is empty".into())
    }
}

fn same(left: &Val, right: &Val) -> bool {
    matches!((left, right), (Val::Object(left), Val::Object(right)) if left == right)
}

pub(super) fn criterion(value: Val) -> Result<realgar::Expr<bool>, Fault> {
    match value {
        Val::Criterion(criterion) => Ok(criterion),
        Val::Column(column) if column.r#type() == Type::Bool => Ok(column.eq(Value::Bool(true))),
        other => Err(format!("a comparison is expected here, not {}", other.sort()).into()),
    }
}
