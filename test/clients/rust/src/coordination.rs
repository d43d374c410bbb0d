//! Locks, elections, maintenance and rights by etcd-client.
use crate::cases::says;
use crate::Outcome;
use etcd_client::{AlarmAction, AlarmType, Client, LockOptions, ProclaimOptions, ResignOptions};
use std::time::Duration;

pub async fn lock(mut client: Client, prefix: String) -> Outcome {
    let first = client.lock(prefix.clone(), None).await?;
    assert!(first.key().starts_with(prefix.as_bytes()));
    let lease = client.lease_grant(60, None).await?.id();
    let mut other = client.clone();
    let name = prefix.clone();
    let options = LockOptions::new().with_lease(lease);
    let mut waiting = tokio::spawn(async move { other.lock(name, Some(options)).await });
    // It cannot be seen that a call goes on waiting, only that it has not ended.
    assert!(tokio::time::timeout(Duration::from_millis(100), &mut waiting).await.is_err());
    client.unlock(first.key()).await?;
    let second = waiting.await??;
    assert_ne!(first.key(), second.key());
    client.lease_revoke(lease).await?;
    client.lock(prefix, None).await?;
    Ok(())
}

pub async fn election(mut client: Client, prefix: String) -> Outcome {
    let lease = client.lease_grant(60, None).await?.id();
    let leader = client.campaign(prefix.clone(), "a", lease).await?.take_leader().unwrap();
    assert_eq!((leader.name(), leader.lease()), (prefix.as_bytes(), lease));
    let mut observed = client.observe(prefix.clone()).await?;
    assert_eq!(observed.message().await?.ok_or("the stream ended")?.kv().unwrap().value(), b"a");
    client.proclaim("b", Some(ProclaimOptions::new().with_leader(leader.clone()))).await?;
    assert_eq!(observed.message().await?.ok_or("the stream ended")?.kv().unwrap().value(), b"b");
    assert_eq!(client.leader(prefix.clone()).await?.kv().unwrap().key(), leader.key());
    client.resign(Some(ResignOptions::new().with_leader(leader))).await?;
    says(client.leader(prefix).await, "Unknown", "election: no leader");
    Ok(())
}

pub async fn maintenance(mut client: Client, prefix: String) -> Outcome {
    let revision = client.put(prefix, "v", None).await?.header().unwrap().revision();
    let status = client.status().await?;
    assert_eq!(status.leader(), status.header().unwrap().member_id());
    assert!(status.version().starts_with("3."), "{}", status.version());
    assert!(status.db_size() > 0);
    assert_eq!(client.hash_kv(revision).await?.hash(), client.hash_kv(revision).await?.hash());
    let members = client.member_list().await?;
    assert_eq!(members.members().iter().map(|member| member.id()).collect::<Vec<_>>(), [status.leader()]);
    assert!(client.alarm(AlarmAction::Get, AlarmType::None, None).await?.alarms().is_empty());
    client.defragment().await?;
    Ok(())
}

pub async fn snapshot(mut client: Client, prefix: String) -> Outcome {
    for number in 0..5 {
        client.put(format!("{prefix}{number}"), vec![7u8; 100_000], None).await?;
    }
    let mut stream = client.snapshot().await?;
    let (mut bytes, mut left) = (0, u64::MAX);
    while let Some(piece) = stream.message().await? {
        assert!(piece.remaining_bytes() <= left, "{} after {left}", piece.remaining_bytes());
        bytes += piece.blob().len();
        left = piece.remaining_bytes();
    }
    assert_eq!(left, 0);
    // The database is followed by its SHA-256.
    assert_eq!(bytes % 512, 32);
    assert!(bytes > 500_000, "{bytes}");
    Ok(())
}

pub async fn denied(mut client: Client, _: String) -> Outcome {
    says(client.put("elsewhere", "v", None).await, "PermissionDenied", "etcdserver: permission denied");
    says(client.user_list().await, "PermissionDenied", "etcdserver: permission denied");
    Ok(())
}
