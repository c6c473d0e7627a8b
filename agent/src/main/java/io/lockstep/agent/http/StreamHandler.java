package io.lockstep.agent.http;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.eclipse.jetty.util.component.Graceful;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes connections out of HTTP: answers 101 on a stream's path and hands the bytes to the route's service, on a pool
 * that is apart from HTTP's. Not more than {@link HttpLimits#streams} are open; one more is answered with 503.
 *
 * <p>Jetty switches over when the response 101 completes and the request has a connection in
 * {@link HttpStream#UPGRADE_CONNECTION_ATTRIBUTE}.
 */
final class StreamHandler extends Handler.Wrapper implements Graceful {
    private static final Logger LOG = LoggerFactory.getLogger(StreamHandler.class);

    private static final String STOPPING = "the agent is stopping";

    private final Map<String, StreamRoute> routes = new HashMap<>();
    private final HttpLimits limits;
    private final Semaphore free;
    private final Set<StreamConnection> open = ConcurrentHashMap.newKeySet();
    private final ThreadPoolExecutor threads;
    private final CompletableFuture<Void> drained = new CompletableFuture<>();
    private volatile boolean shuttingDown;

    StreamHandler(List<StreamRoute> routes, HttpLimits limits, Handler handler) {
        super(handler);
        routes.forEach(route -> this.routes.put(route.path(), route));
        this.limits = limits;
        this.free = new Semaphore(limits.streams());
        AtomicInteger number = new AtomicInteger();
        // A place is given back a moment before its thread is free, so that a new stream may wait in the queue for
        // that.
        this.threads = new ThreadPoolExecutor(
                limits.streams(),
                limits.streams(),
                30,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(limits.streams()),
                task -> {
                    Thread thread = new Thread(task, "stream-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /** How many streams are open. */
    int openStreams() {
        return limits.streams() - free.availablePermits();
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        StreamRoute route = routes.get(Request.getPathInContext(request));
        if (route == null) {
            return super.handle(request, response, callback);
        }
        try {
            checkUpgrade(request, response, route);
            StreamHead head =
                    new StreamHead(((PeerName) request.getAttribute(PeerName.ATTRIBUTE)).name(), query(request));
            route.service().admit(head);
            upgrade(request, response, callback, route, head);
            return true;
        } catch (RefusedException e) {
            return JsonAnswer.send(response, callback, e.status(), e.body());
        }
    }

    private static void checkUpgrade(Request request, Response response, StreamRoute route) {
        if (!request.getMethod().equals("GET")) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET");
            throw refusal(405, "a stream opens with GET");
        }
        boolean asked = request.getConnectionMetaData().getHttpVersion() == HttpVersion.HTTP_1_1
                && request.getHeaders().contains(HttpHeader.CONNECTION, "upgrade")
                && request.getHeaders().contains(HttpHeader.UPGRADE, route.protocol());
        if (!asked) {
            response.getHeaders().put(HttpHeader.UPGRADE, route.protocol());
            response.getHeaders().put(HttpHeader.CONNECTION, "upgrade");
            throw refusal(426, "this path speaks " + route.protocol() + " only");
        }
        if (request.getLength() > 0 || request.getHeaders().contains(HttpHeader.TRANSFER_ENCODING)) {
            throw refusal(400, "a request that opens a stream has no body");
        }
    }

    private static Map<String, String> query(Request request) {
        Map<String, String> query = new HashMap<>();
        for (Fields.Field field : Request.extractQueryParameters(request)) {
            if (field.hasMultipleValues()) {
                throw refusal(400, "the parameter " + field.getName() + " is there more than once");
            }
            query.put(field.getName(), Optional.ofNullable(field.getValue()).orElse(""));
        }
        return query;
    }

    private static RefusedException refusal(int status, String error) {
        return new RefusedException(
                status, error, ErrorBody.ofStatus(status, error).remedy());
    }

    private void upgrade(Request request, Response response, Callback callback, StreamRoute route, StreamHead head) {
        if (shuttingDown || !free.tryAcquire()) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
            throw refusal(503, shuttingDown ? STOPPING : "all " + limits.streams() + " streams are in use");
        }
        Connector connector = request.getConnectionMetaData().getConnector();
        Stream stream = new Stream(route, head);
        StreamConnection connection = new StreamConnection(
                request.getConnectionMetaData().getConnection().getEndPoint(),
                connector.getExecutor(),
                connector.getScheduler(),
                limits.streamIdle(),
                stream::start);
        stream.connection = connection;
        open.add(connection);
        if (shuttingDown) {
            // Stopping began since it was asked above, and may have missed this stream.
            stream.release();
            throw refusal(503, STOPPING);
        }
        response.setStatus(HttpStatus.SWITCHING_PROTOCOLS_101);
        response.getHeaders().put(new HttpField(HttpHeader.UPGRADE, route.protocol()));
        response.getHeaders().put(HttpHeader.CONNECTION, "Upgrade");
        request.setAttribute(HttpStream.UPGRADE_CONNECTION_ATTRIBUTE, connection);
        Request.addCompletionListener(request, failure -> {
            if (failure != null) {
                stream.release();
            }
        });
        callback.succeeded();
    }

    /** Ends all streams at once: the peers fetch again, and what they staged is kept. */
    @Override
    public CompletableFuture<Void> shutdown() {
        shuttingDown = true;
        ClosedChannelException stopping = new ClosedChannelException();
        open.forEach(connection -> connection.cut(stopping));
        if (open.isEmpty()) {
            drained.complete(null);
        }
        return drained;
    }

    @Override
    public boolean isShutdown() {
        return shuttingDown;
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        // Whoever still runs waits for something else than its stream, and past the time to stop.
        threads.shutdownNow();
    }

    /** One stream from 101 to its end. Its place is given back exactly once. */
    private final class Stream implements Runnable {
        private final StreamRoute route;
        private final StreamHead head;

        @SuppressWarnings("NullAway.Init")
        private StreamConnection connection;

        Stream(StreamRoute route, StreamHead head) {
            this.route = route;
            this.head = head;
        }

        void start() {
            try {
                threads.execute(this);
            } catch (RejectedExecutionException e) {
                connection.cut(e);
                release();
            }
        }

        @Override
        public void run() {
            try {
                byte[] payload = connection.readPayload(limits.streamPayloadBytes());
                route.service().serve(head, payload, connection.in, connection.out);
                connection.finish();
            } catch (IOException e) {
                LOG.info("stream ended path={} peer={} reason={}", route.path(), head.peer(), e.toString());
            } catch (RuntimeException e) {
                LOG.error("stream failed path={} peer={}", route.path(), head.peer(), e);
            } finally {
                connection.close();
                release();
            }
        }

        void release() {
            if (open.remove(connection)) {
                free.release();
            }
            if (shuttingDown && open.isEmpty()) {
                drained.complete(null);
            }
        }
    }
}
