package io.lockstep.agent.mountio;

import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.posix.Place;
import io.lockstep.cluster.NodeName;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.mount.Beacon;
import io.lockstep.mount.TreeSight;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.function.Supplier;

/** A share that answers at once, or whatever a test has it do. */
class FakeService implements ShareService {
    private final CallWatch probing;
    private final CallWatch working;

    FakeService(CallWatch probing, CallWatch working) {
        this.probing = probing;
        this.working = working;
    }

    /** Hangs in a call to the operating system until {@code released}. */
    static void hang(CallWatch watch, String operation, String path, CountDownLatch released) {
        watch.begins(operation, Place.of(path));
        try {
            released.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            watch.ended();
        }
    }

    CallWatch probing() {
        return probing;
    }

    CallWatch working() {
        return working;
    }

    @Override
    public List<TreeSight> probe(Beacon beacon, List<NodeName> peers) {
        return List.of();
    }

    @Override
    public Optional<Problem> scan(ScanOrder order, ScanReport report) {
        return Optional.empty();
    }

    @Override
    public Staged stage(List<ManifestEntry> files) {
        return new Staged(new BitSet(), Optional.empty());
    }

    @Override
    public Written write(WriteOrder order) {
        return new Written(0, 0, 0, Optional.empty());
    }

    /** A service whose probes do this. */
    static ChildLoop.Maker probing(Function<FakeService, List<TreeSight>> probe) {
        return (settings, probing, working) -> new FakeService(probing, working) {
            @Override
            public List<TreeSight> probe(Beacon beacon, List<NodeName> peers) {
                return probe.apply(this);
            }
        };
    }

    /** A service whose copies do this. */
    static ChildLoop.Maker staging(Supplier<Staged> stage) {
        return (settings, probing, working) -> new FakeService(probing, working) {
            @Override
            public Staged stage(List<ManifestEntry> files) {
                return stage.get();
            }
        };
    }
}
