package io.lockstep.agent.app;

import io.lockstep.agent.loop.Change;
import io.lockstep.agent.loop.Replica;
import io.lockstep.agent.loop.ScanProgress;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.loop.TreeScan;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.store.ApplyRequest;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.KeptCount;
import io.lockstep.agent.store.Trash;
import io.lockstep.agent.store.TreeApplier;
import io.lockstep.digest.Inventory;
import io.lockstep.generation.Generation;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.View;
import io.lockstep.health.StoreState;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's own copies on its own disk, a stage, a trash and a conflict store for each tree. */
final class LocalReplica implements Replica {
    private static final Logger LOG = LoggerFactory.getLogger(LocalReplica.class);

    private final Trees trees;
    private final Map<String, ContentStage> stages;
    private final Map<String, TreeApplier> appliers;
    private final Collection<Trash> trashes;
    private final Collection<ConflictStore> stores;
    private final Trash.Bounds bounds;
    private final LocalContents contents;
    private final Corruptions corruptions;
    private final Supplier<Optional<Instant>> scrubbedAt;
    private final InstantSource clock;
    private volatile int conflicts;
    private volatile Optional<Long> trashBytes = Optional.empty();

    /** @param scrubbedAt when every kept file was last looked at; any thread */
    LocalReplica(
            Trees trees,
            Map<String, ContentStage> stages,
            Map<String, TreeApplier> appliers,
            Collection<Trash> trashes,
            Collection<ConflictStore> stores,
            Trash.Bounds bounds,
            LocalContents contents,
            Corruptions corruptions,
            Supplier<Optional<Instant>> scrubbedAt,
            InstantSource clock) {
        this.trees = trees;
        this.stages = stages;
        this.appliers = new TreeMap<>(appliers);
        this.trashes = List.copyOf(trashes);
        this.stores = List.copyOf(stores);
        this.bounds = bounds;
        this.contents = contents;
        this.corruptions = corruptions;
        this.scrubbedAt = scrubbedAt;
        this.clock = clock;
        countConflicts();
        countTrash();
    }

    @Override
    public TreeScan scan(Map<String, Inventory> previous, boolean everyDigest, ScanProgress progress) {
        return trees.scan(previous, everyDigest, progress);
    }

    @Override
    public List<ManifestEntry> notStaged(List<ManifestEntry> files, Manifest held) {
        return contents.stage(files, held);
    }

    @Override
    public StoreState store() {
        return new StoreState(
                corruptions.described(), corruptions.count(), corruptions.mendedCount(), trashBytes, scrubbedAt.get());
    }

    /** Stages content that the replica itself holds at these paths. */
    Staging stage(List<ManifestEntry> files) {
        return Stages.stage(files, stages, trees::root, CallWatch.NONE);
    }

    @Override
    public Change apply(Generation generation, Manifest reference, View seen, List<Manifest> known) {
        var request = new ApplyRequest(generation.id(), reference, seen, known);
        var changes = new ArrayList<Change>();
        appliers.values().forEach(applier -> changes.add(Changes.of(applier.apply(request))));
        countConflicts();
        purgeTrash();
        return Changes.sum(changes);
    }

    @Override
    public void recover(Generation reference, List<Manifest> known) {
        for (var applier : appliers.values()) {
            var recovery = applier.recover(reference.id(), known);
            if (recovery instanceof TreeApplier.Recovery.Stopped stopped) {
                LOG.warn(
                        "what a crash left is not put away yet: {}",
                        stopped.failure().message());
            } else if (recovery instanceof TreeApplier.Recovery.Recovered done
                    && done.trashed() + done.conflicts() > 0) {
                LOG.info("recovered trashed={} conflicts={}", done.trashed(), done.conflicts());
            }
        }
        countConflicts();
    }

    private void purgeTrash() {
        for (var trash : trashes) {
            if (trash.purge(clock.instant(), bounds) instanceof Trash.Purge.Failed failed) {
                LOG.warn("the trash was not purged: {}", failed.failure().message());
            }
        }
        countTrash();
    }

    private void countTrash() {
        long total = 0;
        for (var trash : trashes) {
            var bytes = trash.bytes();
            if (bytes.isEmpty()) {
                trashBytes = Optional.empty();
                return;
            }
            total += bytes.getAsLong();
        }
        trashBytes = Optional.of(total);
    }

    /** Counts the conflicts anew. */
    void countConflicts() {
        int total = 0;
        for (var store : stores) {
            var count = store.count();
            if (count instanceof KeptCount.Counted counted) {
                total += (int) Math.min(Integer.MAX_VALUE - total, counted.entries());
            } else if (count instanceof KeptCount.Unreadable unreadable) {
                LOG.warn(
                        "the conflict store can't be counted: {}",
                        unreadable.failure().message());
            }
        }
        conflicts = total;
    }

    @Override
    public void clearStage() {
        for (var stage : stages.values()) {
            if (stage.retain(Set.of()) instanceof ContentStage.Retention.Failed failed) {
                LOG.warn("the stage was not cleared: {}", failed.failure().message());
            }
        }
    }

    @Override
    public int conflicts() {
        return conflicts;
    }
}
