//! Runs all cases, each with a connection of its own, and prints a line of JSON for each, as lines.ts reads them.
//! `clients URL PREFIX [--ca FILE] [--user NAME PASSWORD]`: over TLS with an authority, signed in as a user.
mod cases;
mod coordination;

use etcd_client::{Certificate, Client, ConnectOptions, TlsOptions};
use std::any::Any;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub type Outcome = Result<(), Box<dyn Error + Send + Sync>>;
type Body = fn(Client, String) -> Pin<Box<dyn Future<Output = Outcome> + Send>>;

const CASE_TIMEOUT: Duration = Duration::from_secs(30);

macro_rules! case {
    ($name:literal, $body:path) => {
        ($name, (|client, prefix| Box::pin($body(client, prefix))) as Body)
    };
}

/// What a user with rights to the prefix may do.
const FOR_ALL: &[(&str, Body)] = &[
    case!("a put is read back, bytes as they are", cases::put_and_get),
    case!("ranges: prefix, order, limit, count, an older revision", cases::ranges),
    case!("a range as a stream of its own", cases::range_stream),
    case!("a txn takes one branch, and its replies are of their kinds", cases::txn),
    case!("a thousand calls at once on one connection", cases::many_calls),
    case!("a value of 1 MB goes both ways", cases::large_value),
    case!("a watch tells of puts and of deletes, and ends by its ID", cases::watch),
    case!("a lease is kept alive, is listed, and takes its keys along", cases::lease),
];

/// What needs a server without users, or root.
const FOR_ROOT: &[(&str, Body)] = &[
    case!("errors have etcd's status and text", cases::errors),
    case!("a watch of what is compacted is canceled, and says from where there is more", cases::compacted),
    case!("a lock is held by one at a time", coordination::lock),
    case!("an election: campaign, observe, proclaim, resign", coordination::election),
    case!("status, hash, members, alarms", coordination::maintenance),
    case!("a snapshot comes in pieces, to its last byte", coordination::snapshot),
];

const FOR_USER: &[(&str, Body)] = &[case!("what a user has no rights to is refused", coordination::denied)];

#[derive(Default)]
struct Options {
    url: String,
    prefix: String,
    ca: Option<String>,
    user: Option<(String, String)>,
}

#[tokio::main]
async fn main() -> Outcome {
    let options = parse(std::env::args().skip(1))?;
    let rest = if options.user.is_some() { FOR_USER } else { FOR_ROOT };
    for (number, (name, body)) in FOR_ALL.iter().chain(rest).enumerate() {
        let outcome = run(&options, *body, number).await;
        let detail = outcome.as_ref().err().map(|text| format!(", \"detail\": {}", quoted(text)));
        println!("{{\"case\": {}, \"ok\": {}{}}}", quoted(name), outcome.is_ok(), detail.unwrap_or_default());
    }
    Ok(())
}

async fn run(options: &Options, body: Body, number: usize) -> Result<(), String> {
    let client = connect(options).await.map_err(|error| error.to_string())?;
    // A task of its own, so that an assertion ends this case and no other.
    let task = tokio::spawn(body(client, format!("{}rust/{number}/", options.prefix)));
    match tokio::time::timeout(CASE_TIMEOUT, task).await {
        Err(_) => Err(format!("not done after {CASE_TIMEOUT:?}")),
        Ok(Err(panic)) => Err(text_of(panic.into_panic())),
        Ok(Ok(outcome)) => outcome.map_err(|error| error.to_string()),
    }
}

fn text_of(panic: Box<dyn Any + Send>) -> String {
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(other) => other.downcast_ref::<&str>().unwrap_or(&"a panic").to_string(),
    }
}

async fn connect(options: &Options) -> Result<Client, Box<dyn Error>> {
    let mut connecting = ConnectOptions::new().with_connect_timeout(CASE_TIMEOUT);
    if let Some(file) = &options.ca {
        let ca = Certificate::from_pem(std::fs::read_to_string(file)?);
        connecting = connecting.with_tls(TlsOptions::new().ca_certificate(ca));
    }
    if let Some((name, password)) = &options.user {
        connecting = connecting.with_user(name, password);
    }
    Ok(Client::connect([&options.url], Some(connecting)).await?)
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Options, &'static str> {
    const USAGE: &str = "clients URL PREFIX [--ca FILE] [--user NAME PASSWORD]";
    let mut options = Options::default();
    options.url = words.next().ok_or(USAGE)?;
    options.prefix = words.next().ok_or(USAGE)?;
    while let Some(flag) = words.next() {
        match flag.as_str() {
            "--ca" => options.ca = Some(words.next().ok_or(USAGE)?),
            "--user" => options.user = Some((words.next().ok_or(USAGE)?, words.next().ok_or(USAGE)?)),
            _ => return Err(USAGE),
        }
    }
    Ok(options)
}

fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => json.extend(['\\', character]),
            '\0'..='\u{1f}' => json.push_str(&format!("\\u{:04x}", character as u32)),
            _ => json.push(character),
        }
    }
    json + "\""
}
