package io.lockstep.agent.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;

/** Stands on the wire before a server: counts every byte of every connection, and cuts or stops connections. */
public final class Relay implements AutoCloseable {
    private volatile int target;
    private final ServerSocket listener;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong fromServer = new AtomicLong();
    private volatile long cutAfter = Long.MAX_VALUE;
    private volatile long stopAfter = Long.MAX_VALUE;
    private volatile CountDownLatch stopped = new CountDownLatch(1);

    /** A relay whose port is taken from now on, and which leads nowhere before {@link #to}. */
    public Relay() throws IOException {
        listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        start("relay-accept", this::accept);
    }

    /** Leads to this port on loopback. */
    public Relay to(int port) {
        target = port;
        return this;
    }

    private static void start(String name, Runnable work) {
        var thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    public URI control() {
        return URI.create("https://127.0.0.1:" + listener.getLocalPort());
    }

    /** All that went over the wire in both directions since the last call. */
    public long takeBytes() {
        return bytes.getAndSet(0);
    }

    /** How many connections were made since the last call. */
    public long takeConnections() {
        return connections.getAndSet(0);
    }

    /** Cuts each connection, once, after this many bytes came from the server. */
    public void cutAfter(long count) {
        fromServer.set(0);
        cutAfter = count;
    }

    /** Passes no byte on after this many came from the server; {@link #awaitStop} tells when. */
    public void stopAfter(long count) {
        fromServer.set(0);
        stopped = new CountDownLatch(1);
        stopAfter = count;
    }

    public void awaitStop() throws InterruptedException {
        stopped.await();
    }

    /** Whether the bytes of {@link #stopAfter} have come. */
    public boolean hasStopped() {
        return stopped.getCount() == 0;
    }

    /** Passes on everything again. */
    public void heal() {
        cutAfter = Long.MAX_VALUE;
        stopAfter = Long.MAX_VALUE;
    }

    private void accept() {
        try {
            while (true) {
                var near = listener.accept();
                var far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                sockets.add(near);
                sockets.add(far);
                connections.incrementAndGet();
                start("relay-up", () -> copy(near, far, false));
                start("relay-down", () -> copy(far, near, true));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void copy(Socket from, Socket to, boolean isFromServer) {
        var buffer = new byte[16 * 1024];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                bytes.addAndGet(read);
                long seen = isFromServer ? fromServer.addAndGet(read) : 0;
                if (seen > cutAfter) {
                    return;
                }
                if (seen > stopAfter) {
                    stopped.countDown();
                    while (stopAfter != Long.MAX_VALUE && in.read(buffer) >= 0) {
                        bytes.incrementAndGet();
                    }
                    return;
                }
                out.write(buffer, 0, read);
                out.flush();
            }
        } catch (IOException closed) {
            // One end has closed; closing both is what a cut wire looks like.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (var socket : sockets) {
            socket.close();
        }
    }
}
