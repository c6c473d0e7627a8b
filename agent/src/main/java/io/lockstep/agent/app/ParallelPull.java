package io.lockstep.agent.app;

import io.lockstep.agent.app.ParcelPull.Pulled;
import io.lockstep.agent.loop.Rejection;
import io.lockstep.cluster.NodeName;
import io.lockstep.generation.Parcel;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Pulls parcels from members, at most {@value #STREAMS} at once, each parcel first from another member. A member that
 * fails is followed by the next one; one that serves no stream, or sends what was not taken, gets no other parcel.
 */
final class ParallelPull {
    /** The most streams that this node pulls over at once. */
    static final int STREAMS = 4;

    private static final Duration GRACE = Duration.ofSeconds(20);
    /** How many problems are told of. */
    private static final int MOST_PROBLEMS = 3;

    private final Source source;
    private final InstantSource clock;
    private final Duration patience;

    /** Where parcels come from. */
    interface Source {
        /** Pulls one parcel from one member; called by several threads. */
        Pulled pull(NodeName member, Parcel parcel);
    }

    /** @param patience no stream is opened later than this after the beginning */
    ParallelPull(Source source, InstantSource clock, Duration patience) {
        this.source = source;
        this.clock = clock;
        this.patience = patience;
    }

    /**
     * What came of all.
     *
     * @param problem the first reasons why something is missing; empty when nothing is
     */
    record Outcome(Optional<String> problem, List<Rejection> rejections, long movedBytes) {}

    /**
     * Pulls and returns when nothing is left to do. An interrupt ends what is running and is set again.
     *
     * @param members 1 or more
     * @param first the index of the member that is asked first for the first parcel
     */
    Outcome pull(List<Parcel> parcels, List<NodeName> members, int first) {
        if (parcels.isEmpty()) {
            return new Outcome(Optional.empty(), List.of(), 0);
        }
        var run = new Run(parcels, members, first, clock.instant().plus(patience));
        int streams = Math.min(STREAMS, parcels.size());
        var count = new AtomicInteger();
        var pool = new ThreadPoolExecutor(
                streams, streams, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(streams), work -> {
                    var thread = new Thread(work, "pull-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        try {
            var workers = new ArrayList<Callable<Boolean>>();
            for (int i = 0; i < streams; i++) {
                workers.add(run);
            }
            for (Future<Boolean> worker : pool.invokeAll(workers)) {
                worker.get();
            }
        } catch (InterruptedException e) {
            run.told("the agent stopped");
            end(pool);
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            throw new IllegalStateException("a pull failed in a way that it does not announce", e.getCause());
        } finally {
            pool.shutdownNow();
        }
        return run.outcome();
    }

    /** The workers have been interrupted: their transfers end soon, and so do their writes. */
    private static void end(ThreadPoolExecutor pool) {
        pool.shutdownNow();
        try {
            if (!pool.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("pulls did not end when they were interrupted");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One call of {@link #pull}; every worker runs it. */
    private final class Run implements Callable<Boolean> {
        private final List<Parcel> parcels;
        private final List<NodeName> members;
        private final int first;
        private final Instant end;
        private final AtomicInteger next = new AtomicInteger();
        private final Set<NodeName> passedOver = ConcurrentHashMap.newKeySet();
        // The fields below are guarded by this object.
        private final Set<String> problems = new LinkedHashSet<>();
        private final List<Rejection> rejections = new ArrayList<>();
        private long movedBytes;

        Run(List<Parcel> parcels, List<NodeName> members, int first, Instant end) {
            this.parcels = parcels;
            this.members = members;
            this.first = first;
            this.end = end;
        }

        @Override
        public Boolean call() {
            for (int i = next.getAndIncrement(); i < parcels.size(); i = next.getAndIncrement()) {
                pull(parcels.get(i), first + i);
            }
            return true;
        }

        private void pull(Parcel whole, int firstMember) {
            var left = whole;
            var problem = "no member is left to ask";
            for (int i = 0; i < members.size(); i++) {
                var member = members.get(Math.floorMod(firstMember + i, members.size()));
                if (passedOver.contains(member)) {
                    continue;
                }
                if (Thread.currentThread().isInterrupted()) {
                    return;
                }
                if (!clock.instant().isBefore(end)) {
                    told("not everything came within " + patience + "; the agent goes on from there");
                    return;
                }
                var pulled = source.pull(member, left);
                if (!pulled.served() || !pulled.rejections().isEmpty()) {
                    passedOver.add(member);
                }
                count(pulled);
                if (pulled.missing().isEmpty()) {
                    return;
                }
                boolean hasMore = pulled.missing().size() < left.files().size()
                        && pulled.served()
                        && pulled.rejections().isEmpty();
                if (hasMore) {
                    // A member sends what its replica holds, or else what it keeps: the rest may be of the other kind.
                    i--;
                }
                left = left.with(pulled.missing());
                problem = pulled.problem().orElse(problem);
            }
            told(problem);
        }

        private synchronized void count(Pulled pulled) {
            rejections.addAll(pulled.rejections());
            movedBytes += pulled.movedBytes();
        }

        private synchronized void told(String problem) {
            if (problems.size() < MOST_PROBLEMS) {
                problems.add(problem);
            }
        }

        synchronized Outcome outcome() {
            var problem = problems.isEmpty() ? Optional.<String>empty() : Optional.of(String.join("; ", problems));
            return new Outcome(problem, rejections, movedBytes);
        }
    }
}
