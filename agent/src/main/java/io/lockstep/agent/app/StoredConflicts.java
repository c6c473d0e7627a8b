package io.lockstep.agent.app;

import io.lockstep.agent.loop.Conflicts;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.DiskFailure;
import io.lockstep.agent.store.KeptCount;
import io.lockstep.agent.store.KeptEntry;
import io.lockstep.agent.store.KeptListing;
import io.lockstep.agent.store.Trash;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.NodeName;
import io.lockstep.digest.Digest;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.wire.ConflictReport;
import io.lockstep.wire.ConflictReport.Conflict;
import io.lockstep.wire.ConflictReport.Kind;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The conflict stores of all trees, as one list. */
final class StoredConflicts implements Conflicts {
    private static final Logger LOG = LoggerFactory.getLogger(StoredConflicts.class);

    private final NodeName node;
    private final Map<String, ConflictStore> stores;
    private final Map<String, Trash> trashes;
    private final Map<String, ContentStage> stages;
    private final InstantSource clock;
    private final Runnable whenChanged;

    /** @param whenChanged called when there are more conflicts, or fewer */
    StoredConflicts(
            NodeName node,
            Map<String, ConflictStore> stores,
            Map<String, Trash> trashes,
            Map<String, ContentStage> stages,
            InstantSource clock,
            Runnable whenChanged) {
        this.node = node;
        this.stores = new TreeMap<>(stores);
        this.trashes = trashes;
        this.stages = stages;
        this.clock = clock;
        this.whenChanged = whenChanged;
    }

    private record PlacedContent(EntryPath path, Optional<Digest> digest) {}

    @Override
    public List<ManifestEntry> unkept(List<ManifestEntry> files) {
        var kept = new HashSet<PlacedContent>();
        for (var store : stores.values()) {
            // What can't be read counts for nothing: then it is kept again.
            if (store.list(Integer.MAX_VALUE) instanceof KeptListing.Listed listed) {
                listed.entries().stream()
                        .filter(entry -> entry.why() == KeptEntry.Why.MERGED)
                        .forEach(entry -> kept.add(new PlacedContent(entry.path(), entry.digest())));
            }
        }
        return files.stream()
                .filter(file -> !kept.contains(new PlacedContent(file.path(), file.digest())))
                .toList();
    }

    @Override
    public Optional<String> keep(GenerationId reference, List<ManifestEntry> files) {
        Optional<DiskFailure> failure = Optional.empty();
        for (var file : files) {
            var tree = file.path().first().toString();
            failure = part(stores, tree).keepMerged(Stages.of(stages, tree), file, reference, clock.instant());
            if (failure.isPresent()) {
                break;
            }
        }
        whenChanged.run();
        return failure.map(DiskFailure::message);
    }

    @Override
    public ConflictReport list() {
        var conflicts = new ArrayList<Conflict>();
        var undescribed = new ArrayList<String>();
        long count = 0;
        for (var store : stores.values()) {
            if (store.count() instanceof KeptCount.Counted counted) {
                count += counted.entries();
            }
            var listing = store.list(ConflictReport.MAX_CONFLICTS);
            if (listing instanceof KeptListing.Listed listed) {
                listed.entries().forEach(entry -> conflicts.add(conflict(entry)));
                undescribed.addAll(listed.undescribed());
            } else if (listing instanceof KeptListing.Unreadable unreadable) {
                LOG.warn(
                        "the conflict store can't be listed: {}",
                        unreadable.failure().message());
                undescribed.add(unreadable.failure().place());
            }
        }
        int listed = Math.min(conflicts.size(), ConflictReport.MAX_CONFLICTS);
        return new ConflictReport(node, conflicts.subList(0, listed), count, undescribed);
    }

    private Conflict conflict(KeptEntry entry) {
        return new Conflict(
                id(entry),
                entry.why() == KeptEntry.Why.MERGED ? Kind.MERGE : Kind.WRITE,
                entry.path(),
                entry.type(),
                entry.digest(),
                entry.sizeBytes(),
                entry.mode(),
                entry.mtimeNanos(),
                entry.when(),
                entry.generation(),
                entry.content().toString());
    }

    /** The same for as long as the entry is there, and another one on each node. */
    private String id(KeptEntry entry) {
        var name = node + "\n" + entry.generation() + "\n" + entry.number() + "\n" + entry.path();
        return Digest.of(name.getBytes(StandardCharsets.UTF_8)).abbreviated();
    }

    private Optional<KeptEntry> find(Conflict conflict) {
        var store = stores.get(conflict.path().first().toString());
        return store != null && store.list(Integer.MAX_VALUE) instanceof KeptListing.Listed listed
                ? listed.entries().stream()
                        .filter(entry -> id(entry).equals(conflict.id()))
                        .findFirst()
                : Optional.empty();
    }

    @Override
    public Optional<String> stage(Conflict conflict) {
        var entry = find(conflict);
        if (entry.isEmpty()) {
            return gone(conflict);
        }
        var stage = Stages.of(stages, conflict.path().first().toString());
        var adoption = stage.adopt(entry.get().content(), conflict.digest().orElseThrow());
        if (adoption instanceof ContentStage.Adoption.Adopted) {
            return stage.makeDurable().map(DiskFailure::message);
        }
        return Optional.of(
                adoption instanceof ContentStage.Adoption.WrongDigest wrong
                        ? "its content is damaged: " + wrong.actual()
                        : adoption.toString());
    }

    @Override
    public Optional<String> close(Conflict conflict) {
        var entry = find(conflict);
        if (entry.isEmpty()) {
            return gone(conflict);
        }
        var tree = conflict.path().first().toString();
        var failure = part(stores, tree).close(entry.get(), part(trashes, tree), clock.instant());
        whenChanged.run();
        if (failure.isEmpty()) {
            LOG.info("conflict decided id={} path={}", conflict.id(), conflict.path());
        }
        return failure.map(DiskFailure::message);
    }

    private static Optional<String> gone(Conflict conflict) {
        return Optional.of("there is no conflict " + conflict.id() + " any more");
    }

    private static <T> T part(Map<String, T> parts, String tree) {
        var part = parts.get(tree);
        if (part == null) {
            throw new IllegalArgumentException("there is no tree called " + tree);
        }
        return part;
    }
}
