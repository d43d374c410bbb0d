import com.google.protobuf.ByteString;
import etcdserverpb.KVGrpc;
import etcdserverpb.Kv.DeleteRangeRequest;
import etcdserverpb.Kv.PutRequest;
import etcdserverpb.Kv.PutResponse;
import etcdserverpb.Kv.RangeRequest;
import etcdserverpb.Kv.RangeResponse;
import etcdserverpb.LeaseGrpc;
import etcdserverpb.LeaseOuterClass.LeaseGrantRequest;
import etcdserverpb.LeaseOuterClass.LeaseKeepAliveRequest;
import etcdserverpb.LeaseOuterClass.LeaseKeepAliveResponse;
import etcdserverpb.LeaseOuterClass.LeaseRevokeRequest;
import etcdserverpb.WatchGrpc;
import etcdserverpb.WatchOuterClass.WatchCreateRequest;
import etcdserverpb.WatchOuterClass.WatchRequest;
import etcdserverpb.WatchOuterClass.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Calls and streams of every kind, by grpc-java's own stubs. */
final class Cases {
  interface Body {
    void run(ManagedChannel channel, String prefix) throws Exception;
  }

  static final Map<String, Body> ALL = new LinkedHashMap<>();

  static {
    ALL.put("a put is read back, bytes as they are", Cases::putAndRange);
    ALL.put("an error has etcd's status and text", Cases::error);
    ALL.put("a thousand calls at once on one connection", Cases::manyCalls);
    ALL.put("a value of 1 MB goes both ways", Cases::largeValue);
    ALL.put("a compressed request is read", Cases::compressed);
    ALL.put("metadata of all kinds, and a lot of it", Cases::metadata);
    ALL.put("a watch tells of puts and of deletes, after its client's last request, too", Cases::watch);
    ALL.put("a watch that is canceled leaves its connection to others", Cases::cancel);
    ALL.put("a deadline ends a stream", Cases::deadline);
    ALL.put("a thousand events to a client that takes them one by one", Cases::slowReader);
    ALL.put("a lease is kept alive, and takes its keys along", Cases::lease);
  }

  private static void putAndRange(ManagedChannel channel, String prefix) {
    KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
    ByteString key = ByteString.copyFromUtf8(prefix + "\0ü");
    ByteString value = ByteString.copyFrom(new byte[] {0, -1, 127, -128});
    long revision = kv.put(PutRequest.newBuilder().setKey(key).setValue(value).build()).getHeader().getRevision();
    RangeResponse reply = kv.range(RangeRequest.newBuilder().setKey(key).build());
    equal(reply.getKvs(0).getValue(), value);
    equal(reply.getKvs(0).getModRevision(), revision);
  }

  private static void error(ManagedChannel channel, String prefix) {
    try {
      KVGrpc.newBlockingStub(channel).put(PutRequest.getDefaultInstance());
      throw new AssertionError("an empty key was taken");
    } catch (StatusRuntimeException error) {
      equal(error.getStatus().getCode(), Status.Code.INVALID_ARGUMENT);
      equal(error.getStatus().getDescription(), "etcdserver: key is not provided");
    }
  }

  private static void manyCalls(ManagedChannel channel, String prefix) throws Exception {
    List<Replies<PutResponse>> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      Replies<PutResponse> replies = new Replies<>();
      KVGrpc.newStub(channel).put(put(prefix + i, "v"), replies);
      all.add(replies);
    }
    for (Replies<PutResponse> replies : all) equal(replies.end().getCode(), Status.Code.OK);
    RangeRequest all1000 = range(prefix).toBuilder().setCountOnly(true).build();
    equal(KVGrpc.newBlockingStub(channel).range(all1000).getCount(), 1000L);
  }

  private static void largeValue(ManagedChannel channel, String prefix) {
    ByteString value = ByteString.copyFrom(new byte[1_000_000]);
    KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
    for (int i = 0; i < 5; i++) {
      kv.put(PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(prefix + i)).setValue(value).build());
    }
    RangeResponse reply = kv.range(range(prefix));
    equal(reply.getKvsCount(), 5);
    for (int i = 0; i < 5; i++) equal(reply.getKvs(i).getValue(), value);
  }

  private static void compressed(ManagedChannel channel, String prefix) {
    KVGrpc.newBlockingStub(channel).withCompression("gzip").put(put(prefix, "compressed".repeat(100)));
    RangeResponse reply = KVGrpc.newBlockingStub(channel).range(range(prefix));
    equal(reply.getKvs(0).getValue().size(), 1000);
  }

  private static void metadata(ManagedChannel channel, String prefix) {
    Metadata metadata = new Metadata();
    metadata.put(Metadata.Key.of("x-text", Metadata.ASCII_STRING_MARSHALLER), "a".repeat(8000));
    metadata.put(Metadata.Key.of("x-bytes-bin", Metadata.BINARY_BYTE_MARSHALLER), new byte[] {0, -1, 10});
    for (int i = 0; i < 50; i++) {
      metadata.put(Metadata.Key.of("x-many", Metadata.ASCII_STRING_MARSHALLER), "value " + i);
    }
    KVGrpc.KVBlockingStub kv =
        KVGrpc.newBlockingStub(channel).withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));
    // With the same again the second and third are of the header table.
    for (int i = 0; i < 3; i++) kv.put(put(prefix, "v"));
  }

  private static void watch(ManagedChannel channel, String prefix) throws Exception {
    Replies<WatchResponse> replies = new Replies<>();
    StreamObserver<WatchRequest> requests = WatchGrpc.newStub(channel).watch(replies);
    requests.onNext(watchOf(prefix));
    equal(replies.next().getCreated(), true);
    KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
    kv.put(put(prefix + "a", "1"));
    equal(replies.next().getEvents(0).getKv().getValue().toStringUtf8(), "1");
    kv.deleteRange(DeleteRangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(prefix + "a")).build());
    equal(replies.next().getEvents(0).getType(), mvccpb.Kv.Event.EventType.DELETE);
    requests.onCompleted();
    kv.put(put(prefix + "a", "2"));
    equal(replies.next().getEvents(0).getKv().getValue().toStringUtf8(), "2");
  }

  private static void cancel(ManagedChannel channel, String prefix) throws Exception {
    for (int i = 0; i < 50; i++) {
      Replies<WatchResponse> replies = new Replies<>();
      Context.CancellableContext context = Context.current().withCancellation();
      context.run(() -> WatchGrpc.newStub(channel).watch(replies).onNext(watchOf(prefix)));
      if (i % 2 == 0) equal(replies.next().getCreated(), true);
      context.cancel(null);
      equal(replies.end().getCode(), Status.Code.CANCELLED);
    }
    KVGrpc.newBlockingStub(channel).put(put(prefix, "v"));
  }

  private static void deadline(ManagedChannel channel, String prefix) throws Exception {
    Replies<WatchResponse> replies = new Replies<>();
    WatchGrpc.newStub(channel).withDeadlineAfter(300, TimeUnit.MILLISECONDS).watch(replies).onNext(watchOf(prefix));
    equal(replies.end().getCode(), Status.Code.DEADLINE_EXCEEDED);
    KVGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS).put(put(prefix, "v"));
  }

  /** Asks for a message when it has the one before: what else there is waits on the server, or in its windows. */
  private static void slowReader(ManagedChannel channel, String prefix) throws Exception {
    Replies<WatchResponse> replies = new Replies<>();
    ClientCall<WatchRequest, WatchResponse> call =
        channel.newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(WatchResponse reply) {
            replies.onNext(reply);
          }
        },
        new Metadata());
    call.sendMessage(watchOf(prefix));
    call.request(1);
    equal(replies.next().getCreated(), true);
    String value = "x".repeat(2000);
    for (int i = 0; i < 1000; i++) KVGrpc.newBlockingStub(channel).put(put(prefix + i, value));
    for (int events = 0; events < 1000; ) {
      call.request(1);
      events += replies.next().getEventsCount();
    }
    call.cancel("enough", null);
  }

  private static void lease(ManagedChannel channel, String prefix) throws Exception {
    LeaseGrpc.LeaseBlockingStub leases = LeaseGrpc.newBlockingStub(channel);
    long id = leases.leaseGrant(LeaseGrantRequest.newBuilder().setTTL(60).build()).getID();
    KVGrpc.KVBlockingStub kv = KVGrpc.newBlockingStub(channel);
    kv.put(put(prefix, "v").toBuilder().setLease(id).build());
    Replies<LeaseKeepAliveResponse> replies = new Replies<>();
    StreamObserver<LeaseKeepAliveRequest> requests = LeaseGrpc.newStub(channel).leaseKeepAlive(replies);
    for (int i = 0; i < 3; i++) {
      requests.onNext(LeaseKeepAliveRequest.newBuilder().setID(id).build());
      equal(replies.next().getTTL(), 60L);
    }
    requests.onCompleted();
    equal(replies.end().getCode(), Status.Code.OK);
    leases.leaseRevoke(LeaseRevokeRequest.newBuilder().setID(id).build());
    equal(kv.range(range(prefix)).getKvsCount(), 0);
  }

  private static PutRequest put(String key, String value) {
    ByteString bytes = ByteString.copyFromUtf8(value);
    return PutRequest.newBuilder().setKey(ByteString.copyFromUtf8(key)).setValue(bytes).build();
  }

  /** All keys that begin so. */
  private static RangeRequest range(String prefix) {
    return RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(prefix)).setRangeEnd(end(prefix)).build();
  }

  private static WatchRequest watchOf(String prefix) {
    WatchCreateRequest create =
        WatchCreateRequest.newBuilder().setKey(ByteString.copyFromUtf8(prefix)).setRangeEnd(end(prefix)).build();
    return WatchRequest.newBuilder().setCreateRequest(create).build();
  }

  private static ByteString end(String prefix) {
    int last = prefix.length() - 1;
    return ByteString.copyFromUtf8(prefix.substring(0, last) + (char) (prefix.charAt(last) + 1));
  }

  private static void equal(Object got, Object want) {
    if (!got.equals(want)) throw new AssertionError("got " + got + ", want " + want);
  }
}
