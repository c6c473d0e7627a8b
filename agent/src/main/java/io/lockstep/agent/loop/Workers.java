package io.lockstep.agent.loop;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The loop's threads: one that probes the share, one that scans and copies it, one for the replica, and a few for
 * members. All are daemons, since a thread that hangs with a share can't be ended. Queues are bounded by what the loop
 * starts: at most one piece of work of each kind is ever waiting.
 */
final class Workers {
    private static final int QUEUE = 256;
    private static final int MOST_PEER_THREADS = 16;

    private final ExecutorService probing = pool("share-probe", 1);
    private final ExecutorService share = pool("share-scan", 1);
    private final ExecutorService replica = pool("replica", 1);
    private final ExecutorService peers;

    Workers(int members) {
        peers = pool("peer", Math.min(MOST_PEER_THREADS, 2 + members));
    }

    private static ExecutorService pool(String name, int threads) {
        var count = new AtomicInteger();
        return new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(QUEUE), work -> {
            var thread = new Thread(work, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        });
    }

    Executor probing() {
        return probing;
    }

    Executor share() {
        return share;
    }

    Executor replica() {
        return replica;
    }

    Executor peers() {
        return peers;
    }

    /** Asks all work to end, and waits for the replica's at most {@code patience}: it may be changing files. */
    void stop(Duration patience) throws InterruptedException {
        List.of(probing, share, peers).forEach(ExecutorService::shutdownNow);
        replica.shutdown();
        if (!replica.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            replica.shutdownNow();
        }
    }
}
