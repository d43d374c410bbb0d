//! Keys, watches and leases by etcd-client, whose HTTP/2 is hyper's.
use crate::Outcome;
use etcd_client::{
    Client, Compare, CompareOp, DeleteOptions, Error, EventType, GetOptions, LeaseTimeToLiveOptions, PutOptions,
    SortOrder, SortTarget, Txn, TxnOp, TxnOpResponse, WatchOptions, WatchStream,
};

pub async fn put_and_get(mut client: Client, prefix: String) -> Outcome {
    let key = [prefix.as_bytes(), &[0, 0xff, 0x80]].concat();
    let value = [0u8, 255, 127, 128];
    let revision = client.put(key.clone(), value, None).await?.header().unwrap().revision();
    let reply = client.get(key.clone(), None).await?;
    assert_eq!(reply.kvs()[0].value(), value);
    assert_eq!(reply.kvs()[0].mod_revision(), revision);
    assert_eq!(reply.kvs()[0].version(), 1);
    let before = client.put(key.clone(), "", Some(PutOptions::new().with_prev_key())).await?;
    assert_eq!(before.prev_key().unwrap().value(), value);
    let deleted = client.delete(key, Some(DeleteOptions::new().with_prev_key())).await?;
    assert_eq!(deleted.deleted(), 1);
    assert_eq!(deleted.prev_kvs()[0].value(), b"");
    Ok(())
}

pub async fn errors(mut client: Client, prefix: String) -> Outcome {
    says(client.put("", "v", None).await, "InvalidArgument", "etcdserver: key is not provided");
    let future = GetOptions::new().with_revision(i64::MAX);
    says(
        client.get(prefix.clone(), Some(future)).await,
        "OutOfRange",
        "etcdserver: mvcc: required revision is a future revision",
    );
    let no_lease = PutOptions::new().with_lease(7);
    says(client.put(prefix.clone(), "v", Some(no_lease)).await, "NotFound", "etcdserver: requested lease not found");
    let twice = [TxnOp::put(prefix.clone(), "1", None), TxnOp::put(prefix, "2", None)];
    says(
        client.txn(Txn::new().and_then(twice)).await,
        "InvalidArgument",
        "etcdserver: duplicate key given in txn request",
    );
    Ok(())
}

pub async fn ranges(mut client: Client, prefix: String) -> Outcome {
    for number in 0..10 {
        client.put(format!("{prefix}{number}"), format!("{}", 9 - number), None).await?;
    }
    let all = client.get(prefix.clone(), Some(GetOptions::new().with_prefix())).await?;
    assert_eq!((all.count(), all.kvs().len(), all.more()), (10, 10, false));
    let by_value = GetOptions::new().with_prefix().with_sort(SortTarget::Value, SortOrder::Ascend).with_limit(3);
    let three = client.get(prefix.clone(), Some(by_value)).await?;
    assert_eq!(three.kvs().iter().map(|kv| kv.value_str()).collect::<Result<Vec<_>, _>>()?, ["0", "1", "2"]);
    assert_eq!((three.count(), three.more()), (10, true));
    let keys = client.get(prefix.clone(), Some(GetOptions::new().with_prefix().with_keys_only())).await?;
    assert!(keys.kvs().iter().all(|kv| kv.value().is_empty()));
    let revision = all.header().unwrap().revision();
    client.delete(prefix.clone(), Some(DeleteOptions::new().with_prefix())).await?;
    let count = GetOptions::new().with_prefix().with_count_only();
    assert_eq!(client.get(prefix.clone(), Some(count.clone())).await?.count(), 0);
    assert_eq!(client.get(prefix, Some(count.with_revision(revision))).await?.count(), 10);
    Ok(())
}

pub async fn range_stream(mut client: Client, prefix: String) -> Outcome {
    let value = "x".repeat(1000);
    for block in 0..10 {
        let puts: Vec<TxnOp> =
            (0..100).map(|number| TxnOp::put(format!("{prefix}{block}{number:02}"), value.clone(), None)).collect();
        client.txn(Txn::new().and_then(puts)).await?;
    }
    let mut stream = client.kv_client().get_stream(prefix, Some(GetOptions::new().with_prefix())).await?;
    let mut keys = Vec::new();
    let mut count = 0;
    while let Some(reply) = stream.message().await? {
        keys.extend(reply.kvs().iter().map(|kv| kv.key().to_vec()));
        count = reply.count();
    }
    assert_eq!((keys.len(), count), (1000, 1000));
    assert!(keys.is_sorted());
    Ok(())
}

pub async fn txn(mut client: Client, prefix: String) -> Outcome {
    let (a, b) = (format!("{prefix}a"), format!("{prefix}b"));
    let absent = Compare::create_revision(a.clone(), CompareOp::Equal, 0);
    let txn = Txn::new()
        .when([absent])
        .and_then([TxnOp::put(a.clone(), "1", None), TxnOp::put(b.clone(), "2", None)])
        .or_else([
            TxnOp::get(prefix.clone(), Some(GetOptions::new().with_prefix())),
            TxnOp::txn(Txn::new().and_then([TxnOp::delete(b, None)])),
        ]);
    let first = client.txn(txn.clone()).await?;
    assert!(first.succeeded());
    assert!(matches!(first.op_responses()[..], [TxnOpResponse::Put(_), TxnOpResponse::Put(_)]));
    let second = client.txn(txn).await?;
    assert!(!second.succeeded());
    let [TxnOpResponse::Get(range), TxnOpResponse::Txn(inner)] = &second.op_responses()[..] else {
        panic!("not a range and a txn: {second:?}");
    };
    assert_eq!(range.kvs().len(), 2);
    assert!(matches!(&inner.op_responses()[..], [TxnOpResponse::Delete(deleted)] if deleted.deleted() == 1));
    assert_eq!(client.get(prefix, Some(GetOptions::new().with_prefix())).await?.kvs()[0].key(), a.as_bytes());
    Ok(())
}

pub async fn many_calls(mut client: Client, prefix: String) -> Outcome {
    let calls: Vec<_> = (0..1000)
        .map(|number| {
            let mut client = client.clone();
            let key = format!("{prefix}{number}");
            tokio::spawn(async move { client.put(key, "v", None).await })
        })
        .collect();
    for call in calls {
        call.await??;
    }
    let count = GetOptions::new().with_prefix().with_count_only();
    assert_eq!(client.get(prefix, Some(count)).await?.count(), 1000);
    Ok(())
}

pub async fn large_value(client: Client, prefix: String) -> Outcome {
    let mut kv = client.kv_client().max_decoding_message_size(16 << 20);
    let value = vec![7u8; 1_000_000];
    for number in 0..5 {
        kv.put(format!("{prefix}{number}"), value.clone(), None).await?;
    }
    let reply = kv.get(prefix, Some(GetOptions::new().with_prefix())).await?;
    assert_eq!(reply.kvs().len(), 5);
    assert!(reply.kvs().iter().all(|kv| kv.value() == value));
    Ok(())
}

pub async fn watch(mut client: Client, prefix: String) -> Outcome {
    let of_all = WatchOptions::new().with_prefix().with_prev_key();
    let mut stream = client.watch(prefix.clone(), Some(of_all.clone())).await?;
    let id = created(&mut stream).await?;
    let revision = client.put(prefix.clone(), "1", None).await?.header().unwrap().revision();
    client.delete(prefix.clone(), None).await?;
    let mut events = Vec::new();
    while events.len() < 2 {
        events.extend_from_slice(stream.message().await?.ok_or("the stream ended")?.events());
    }
    assert_eq!((events[0].event_type(), events[1].event_type()), (EventType::Put, EventType::Delete));
    assert_eq!(events[1].prev_kv().unwrap().value(), b"1");

    let of_past = of_all.with_start_revision(revision).with_watch_id(id + 7);
    stream.watch(prefix, Some(of_past)).await?;
    assert_eq!(created(&mut stream).await?, id + 7);
    let past = stream.message().await?.ok_or("the stream ended")?;
    assert_eq!((past.watch_id(), past.events().len()), (id + 7, 2));

    stream.cancel(id + 7).await?;
    let canceled = stream.message().await?.ok_or("the stream ended")?;
    assert_eq!((canceled.watch_id(), canceled.canceled()), (id + 7, true));
    stream.request_progress().await?;
    let progress = stream.message().await?.ok_or("the stream ended")?;
    assert_eq!((progress.watch_id(), progress.events().len()), (-1, 0));
    Ok(())
}

pub async fn compacted(mut client: Client, prefix: String) -> Outcome {
    let first = client.put(prefix.clone(), "1", None).await?.header().unwrap().revision();
    let second = client.put(prefix.clone(), "2", None).await?.header().unwrap().revision();
    client.compact(second, None).await?;
    let mut stream = client.watch(prefix.clone(), Some(WatchOptions::new().with_start_revision(first))).await?;
    created(&mut stream).await?;
    let end = stream.message().await?.ok_or("the stream ended")?;
    assert_eq!((end.canceled(), end.compact_revision()), (true, second));
    let old = client.get(prefix, Some(GetOptions::new().with_revision(first))).await;
    says(old, "OutOfRange", "etcdserver: mvcc: required revision has been compacted");
    Ok(())
}

pub async fn lease(mut client: Client, prefix: String) -> Outcome {
    let id = client.lease_grant(60, None).await?.id();
    client.put(prefix.clone(), "v", Some(PutOptions::new().with_lease(id))).await?;
    let (mut keeper, mut replies) = client.lease_keep_alive(id).await?;
    for _ in 0..3 {
        keeper.keep_alive().await?;
        assert_eq!(replies.message().await?.ok_or("the stream ended")?.ttl(), 60);
    }
    let left = client.lease_time_to_live(id, Some(LeaseTimeToLiveOptions::new().with_keys())).await?;
    assert_eq!((left.granted_ttl(), left.keys()), (60, &[prefix.clone().into_bytes()][..]));
    assert!(client.leases().await?.leases().iter().any(|lease| lease.id() == id));
    client.lease_revoke(id).await?;
    assert!(client.get(prefix, None).await?.kvs().is_empty());
    says(client.lease_revoke(id).await, "NotFound", "etcdserver: requested lease not found");
    Ok(())
}

/// The ID in the answer to a watch's creation, which comes next.
async fn created(stream: &mut WatchStream) -> Result<i64, Error> {
    let reply = stream.message().await?.expect("the stream ended");
    assert!(reply.created(), "{reply:?}");
    Ok(reply.watch_id())
}

pub fn says<T: std::fmt::Debug>(outcome: Result<T, Error>, code: &str, text: &str) {
    let Err(Error::GRpcStatus(status)) = outcome else { panic!("not an error of gRPC: {outcome:?}") };
    assert_eq!((format!("{:?}", status.code()).as_str(), status.message()), (code, text));
}
