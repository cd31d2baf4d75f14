//! Methods: those of queries, columns, relationships, collections, the session.

use realgar::{
    Expression, ModelDesc, Select,
    dynamic::{AnyColumn, AnyHandle, any_related},
};
use serde_json::Value as Json;

use super::{
    Fault, Shell,
    eval::criterion,
    parse::{Argument, Expr, Op},
    value::{Object, Val},
};

impl Shell {
    pub(super) async fn call(
        &mut self,
        callee: &Expr,
        arguments: &[Argument],
        scope: Option<&'static ModelDesc>,
    ) -> Result<Val, Fault> {
        let Expr::Field(owner, method) = callee else {
            return match callee {
                Expr::Name(name) if name == "print" => {
                    let mut texts = Vec::new();
                    for argument in arguments {
                        let value = self.eval(&argument.value, scope).await?;
                        texts.push(self.short(&value).await?);
                    }
                    Ok(Val::Done(texts.join(" ") + "\n"))
                }
                Expr::Name(name) if name == "len" && arguments.len() == 1 => {
                    let value = self.eval(&arguments[0].value, scope).await?;
                    self.method(value, "count", &[]).await
                }
                Expr::Name(name) => {
                    let model = self.db.model(name).map_err(|_| self.nothing_called(name))?;
                    self.new_object(model, arguments).await
                }
                _ => Err("this cannot be called".into()),
            };
        };
        if let Some(done) = self.on_collection(owner, method, arguments).await? {
            return Ok(done);
        }
        let owner = self.eval(owner, scope).await?;
        self.method(owner, method, arguments).await
    }

    /// `user.posts.append(post)`: what changes a collection.
    async fn on_collection(
        &mut self,
        owner: &Expr,
        method: &str,
        arguments: &[Argument],
    ) -> Result<Option<Val>, Fault> {
        let (Expr::Field(object, relationship), "append" | "remove") = (owner, method) else { return Ok(None) };
        let Val::Object(object) = self.eval(object, None).await? else { return Ok(None) };
        for argument in arguments {
            let item = self.eval(&argument.value, None).await?;
            let Val::Object(item) = item else {
                return Err(format!("`{method}` takes an object, not {}", item.sort()).into());
            };
            self.change_collection(object, relationship, method == "append", item).await?;
        }
        Ok(Some(Val::Done(String::new())))
    }

    async fn method(&mut self, owner: Val, method: &str, arguments: &[Argument]) -> Result<Val, Fault> {
        match owner {
            Val::Query(model, select) => self.on_query(model, *select, method, arguments).await,
            Val::Session => self.on_session(method, arguments).await,
            Val::Db => match method {
                "create_all" => {
                    self.db.create_all().await?;
                    Ok(Val::Done(String::new()))
                }
                "session" => Ok(Val::Session),
                _ => Err(format!("the database has no method `{method}` here").into()),
            },
            Val::Relationship(model, relationship, target) if matches!(method, "any" | "has") => {
                let test = self.tests(target, arguments).await?;
                let all = test.unwrap_or_else(|| {
                    let key = AnyColumn::all(target).find(|column| column.is_key());
                    key.map_or_else(|| unreachable!("a model has a key"), |key| !key.is_null())
                });
                Ok(Val::Criterion(any_related(model, relationship, all)))
            }
            Val::Column(column) => self.on_column(column, method, arguments).await,
            Val::List(items) => match method {
                "count" => Ok(Val::Plain(items.len().into())),
                "first" => Ok(items.into_iter().next().unwrap_or(Val::Plain(Json::Null))),
                "all" => Ok(Val::List(items)),
                _ => Err(format!("a list has no method `{method}`").into()),
            },
            Val::Model(model) if method == "get" => {
                let key = self.one(method, arguments).await?;
                self.get(model, key).await
            }
            Val::Model(model) => self.on_query(model, Select::of(model), method, arguments).await,
            other => Err(format!("{} has no method `{method}`", other.sort()).into()),
        }
    }

    async fn on_query(
        &mut self,
        model: &'static ModelDesc,
        mut select: Select<AnyHandle>,
        method: &str,
        arguments: &[Argument],
    ) -> Result<Val, Fault> {
        Ok(match method {
            "all" => Val::List(self.objects(select).await?),
            "first" => {
                let found = self.objects(select.limit(1)).await?;
                found.into_iter().next().unwrap_or(Val::Plain(Json::Null))
            }
            "one" => {
                let mut found = self.objects(select.limit(2)).await?;
                match (found.pop(), found.pop()) {
                    (Some(one), None) => one,
                    (None, _) => return Err("no row was found where one was wanted".into()),
                    _ => return Err("several rows were found where one was wanted".into()),
                }
            }
            "count" => Val::Plain(self.session.dynamic().count(select).await?.into()),
            "get" => {
                let key = self.one(method, arguments).await?;
                self.get(model, key).await?
            }
            "filter" | "filter_by" => {
                if let Some(test) = self.tests(model, arguments).await? {
                    select = select.filter(test);
                }
                Val::query(model, select)
            }
            "order_by" => {
                for argument in arguments {
                    select = match self.eval(&argument.value, Some(model)).await? {
                        Val::Column(column) => select.order_by(column.asc()),
                        Val::Order(column, true) => select.order_by(column.desc()),
                        Val::Order(column, false) => select.order_by(column.asc()),
                        other => return Err(format!("`order_by` takes columns, not {}", other.sort()).into()),
                    };
                }
                Val::query(model, select)
            }
            "limit" | "offset" => {
                let Val::Plain(Json::Number(number)) = self.one(method, arguments).await? else {
                    return Err(format!("`{method}` takes a number").into());
                };
                let number = number.as_u64().ok_or_else(|| format!("`{method}` takes a number from 0 on"))?;
                Val::query(model, if method == "limit" { select.limit(number) } else { select.offset(number) })
            }
            _ => return Err(format!("a query has no method `{method}`").into()),
        })
    }

    async fn on_column(&mut self, column: AnyColumn, method: &str, arguments: &[Argument]) -> Result<Val, Fault> {
        if matches!(method, "desc" | "asc") {
            return Ok(Val::Order(column, method == "desc"));
        }
        let value = self.one(method, arguments).await?;
        match (method, value) {
            ("like", Val::Plain(Json::String(pattern))) => Ok(Val::Criterion(column.like(&pattern))),
            ("in_", Val::List(list)) => self.one_of(&Val::Column(column), &list),
            ("is_", Val::Plain(Json::Null)) => Ok(Val::Criterion(column.is_null())),
            ("is_not", Val::Plain(Json::Null)) => Ok(Val::Criterion(!column.is_null())),
            (method, value) => Err(format!("a column has no method `{method}` that takes {}", value.sort()).into()),
        }
    }

    async fn on_session(&mut self, method: &str, arguments: &[Argument]) -> Result<Val, Fault> {
        let done = |text: String| Ok(Val::Done(text));
        match method {
            "commit" => done(self.commit().await?),
            "rollback" => done(self.rollback().await?),
            "flush" => done(self.flush().await?),
            "add" | "add_all" => {
                let value = self.one(method, arguments).await?;
                self.add(&value).await?;
                done(String::new())
            }
            "delete" => {
                let value = self.one(method, arguments).await?;
                self.delete(&value).await?;
                done(String::new())
            }
            "get" | "query" => {
                let (model, key) = match arguments {
                    [model] if method == "query" => (model, None),
                    [model, key] if method == "get" => (model, Some(key)),
                    _ => {
                        return Err(format!(
                            "`{method}` takes a model{}",
                            if method == "get" { " and a key" } else { "" }
                        )
                        .into());
                    }
                };
                let Val::Model(model) = self.eval(&model.value, None).await? else {
                    return Err(format!("`{method}` takes a model first").into());
                };
                match key {
                    None => Ok(Val::query(model, Select::of(model))),
                    Some(key) => {
                        let key = self.eval(&key.value, None).await?;
                        self.get(model, key).await
                    }
                }
            }
            _ => Err(format!("the session has no method `{method}` here").into()),
        }
    }

    /// All of these criteria: `name='Ada'`, or comparisons.
    async fn tests(
        &mut self,
        model: &'static ModelDesc,
        arguments: &[Argument],
    ) -> Result<Option<realgar::Expr<bool>>, Fault> {
        let mut all: Option<realgar::Expr<bool>> = None;
        for argument in arguments {
            let test = match &argument.name {
                Some(name) => {
                    let value = Box::new(argument.value.clone());
                    let named = Expr::Compare(Box::new(Expr::Name(name.clone())), Op::Eq, value);
                    criterion(self.eval(&named, Some(model)).await?)?
                }
                None => criterion(self.eval(&argument.value, Some(model)).await?)?,
            };
            all = Some(match all {
                Some(before) => before & test,
                None => test,
            });
        }
        Ok(all)
    }

    async fn one(&mut self, method: &str, arguments: &[Argument]) -> Result<Val, Fault> {
        match arguments {
            [one] if one.name.is_none() => self.eval(&one.value, None).await,
            _ => Err(format!("`{method}` takes one value").into()),
        }
    }

    /// An object, wherever it is now.
    pub(super) fn resolve(&self, object: Object) -> Object {
        match object {
            Object::Draft(draft) => self.drafts[draft].added.map_or(object, Object::Known),
            known => known,
        }
    }
}
