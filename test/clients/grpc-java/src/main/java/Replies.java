import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a call answers, to be waited for. */
final class Replies<T> implements StreamObserver<T> {
  private static final long WAIT_SECONDS = 20;
  private final LinkedBlockingQueue<Object> queue = new LinkedBlockingQueue<>();

  @Override
  public void onNext(T reply) {
    queue.add(reply);
  }

  @Override
  public void onError(Throwable error) {
    queue.add(Status.fromThrowable(error));
  }

  @Override
  public void onCompleted() {
    queue.add(Status.OK);
  }

  @SuppressWarnings("unchecked")
  T next() throws InterruptedException {
    Object reply = take();
    if (reply instanceof Status) throw new AssertionError("the call ended: " + reply);
    return (T) reply;
  }

  /** Replies that come before it are passed over. */
  Status end() throws InterruptedException {
    for (;;) if (take() instanceof Status status) return status;
  }

  private Object take() throws InterruptedException {
    Object reply = queue.poll(WAIT_SECONDS, TimeUnit.SECONDS);
    if (reply == null) throw new AssertionError("nothing within " + WAIT_SECONDS + " s");
    return reply;
  }
}
