package io.lockstep.agent.loop;

import io.lockstep.agent.log.FileDecisionLog;
import io.lockstep.cluster.DecisionState;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.cluster.RefusedEntryException;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Generation;
import io.lockstep.generation.GenerationId;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestCodec;
import io.lockstep.mode.Lineage;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is decided and what this node did of it, with the manifests at hand: the decision log, the reference, the base
 * and the high-water mark. Only the control thread calls the methods.
 */
final class Ledger {
    /** Manifests of this many of the last generations are kept for peers that walk from one to the next. */
    private static final int KEPT_GENERATIONS = 20;

    private final FileDecisionLog log;
    private final State state;
    private @Nullable Manifest reference;
    private @Nullable Manifest appliedManifest;
    private @Nullable Lineage lineage;
    private Optional<GenerationId> keptBase = Optional.empty();

    /**
     * @throws IOException when the state names a reference whose manifest is gone; the message says what to do
     */
    Ledger(FileDecisionLog log, State state) throws IOException {
        this.log = log;
        this.state = state;
        var committed = decided().reference();
        if (committed.isPresent()) {
            reference = state.manifest(committed.get().root())
                    .orElseThrow(() -> new IOException("the manifest of generation "
                            + committed.get().id()
                            + " is missing from the state directory: on a worker, move the state directory away to join"
                            + " anew; on the manager, restore it from a backup"));
        }
        appliedManifest =
                state.applied().flatMap(mark -> state.manifest(mark.root())).orElse(null);
    }

    DecisionState decided() {
        return log.state();
    }

    FileDecisionLog log() {
        return log;
    }

    /** The reference's manifest; empty before the first generation. */
    Optional<Manifest> reference() {
        return Optional.ofNullable(reference);
    }

    Optional<GenerationId> appliedId() {
        return state.applied().map(State.Applied::id);
    }

    /** The manifest that the replica last held completely; empty before the first. */
    Optional<Manifest> applied() {
        return Optional.ofNullable(appliedManifest);
    }

    /**
     * Whether the reference is the last generation that the replica held completely, or that was taken from it. Only then
     * may what stands in the replica become the next one.
     */
    boolean hasAppliedReference() {
        return appliedId().equals(decided().reference().map(Generation::id));
    }

    /** Whether the log's last term is this node's: only then may it commit. */
    boolean isTermOf(NodeName self) {
        return decided().manager().equals(Optional.of(self));
    }

    /** The manager enters a mode: durable when it returns. */
    void enter(Mode mode, Reason reason, NodeName self, Instant now) throws IOException {
        var decided = decided();
        // The share was last known to be equal when it was last the authority.
        boolean keepsBase = isApart(decided.mode()) && isApart(mode);
        var base = keepsBase ? decided.base() : decided.reference().map(Generation::id);
        boolean isMine = decided.manager().equals(Optional.of(self));
        // Another node's term ends here: its epoch is never used again.
        long epoch = isMine ? decided.epoch() : decided.epoch() + 1;
        appendOwn(new LogEntry.ModeChange(decided.index() + 1, epoch, now, mode, reason, self, base));
        if (!keepsBase) {
            lineage = null;
        }
    }

    /** Whether the reference goes its own way, without the share. */
    private static boolean isApart(Mode mode) {
        return mode == Mode.RSYNC || mode == Mode.RECONCILING;
    }

    /** The manager commits a generation: the manifest is durable first, then the entry. */
    Generation commit(Manifest next, Instant now) throws IOException {
        state.keep(next);
        var decided = decided();
        long seq = decided.reference().map(last -> last.id().seq()).orElse(0L) + 1;
        var generation = new Generation(
                new GenerationId(decided.epoch(), seq),
                next.root(),
                decided.reference().map(Generation::root),
                Digest.of(ManifestCodec.encode(next)));
        if (lineage != null && reference != null) {
            lineage = lineage.extended(reference, next);
        }
        appendOwn(new LogEntry.Commit(decided.index() + 1, decided.epoch(), now, generation));
        reference = next;
        retain();
        return generation;
    }

    /** The manager registers the share of a tree: durable when it returns. */
    void register(String tree, String shareId, Instant now) throws IOException {
        var decided = decided();
        appendOwn(new LogEntry.ShareRegistered(decided.index() + 1, decided.epoch(), now, tree, shareId));
    }

    private void appendOwn(LogEntry entry) throws IOException {
        try {
            log.append(List.of(entry));
        } catch (RefusedEntryException e) {
            throw new IllegalStateException("the manager's own entry does not follow from its log", e);
        }
    }

    /**
     * A worker takes over the manager's entries.
     *
     * @param manifest the manifest of the last generation among the entries; empty when there is none
     * @throws RefusedEntryException when they do not follow; nothing has changed
     */
    void follow(List<LogEntry> entries, Optional<Manifest> manifest) throws RefusedEntryException, IOException {
        if (manifest.isPresent()) {
            state.keep(manifest.get());
        }
        log.append(entries);
        if (manifest.isPresent()) {
            reference = manifest.get();
            retain();
        }
    }

    /** The replica holds the reference completely, or the reference was taken from it. */
    void markApplied() throws IOException {
        var generation = decided().reference().orElseThrow();
        var mark = new State.Applied(generation.id(), generation.root());
        if (!state.applied().equals(Optional.of(mark))) {
            state.apply(mark);
            appliedManifest = reference;
            retain();
        }
    }

    /** What each path has been since the base; empty before the first generation, or when the base is not kept here. */
    Optional<Lineage> lineage() {
        if (lineage == null && reference != null) {
            lineage = replayLineage();
        }
        return Optional.ofNullable(lineage);
    }

    private @Nullable Lineage replayLineage() {
        var base = decided().base();
        // A share that never was equal has no base, and nothing of it is old.
        var first = base.isEmpty() ? Optional.of(Manifest.empty()) : committed(base.get());
        if (first.isEmpty()) {
            return null;
        }
        var before = first.get();
        var replayed = Lineage.startingAt(before);
        for (var entry : log.entriesAfter(0, Integer.MAX_VALUE)) {
            boolean isLater = entry instanceof LogEntry.Commit commit
                    && base.filter(id -> commit.generation().id().compareTo(id) <= 0)
                            .isEmpty();
            if (isLater) {
                var root = ((LogEntry.Commit) entry).generation().root();
                // Without one of those between, more of what the share has counts as somebody's change.
                var after = state.manifest(root);
                if (after.isPresent()) {
                    replayed = replayed.extended(before, after.get());
                    before = after.get();
                }
            }
        }
        return replayed;
    }

    /** The manifest of a committed generation; empty when it is not kept here. */
    private Optional<Manifest> committed(GenerationId id) {
        return rootOf(id).flatMap(state::manifest);
    }

    private Optional<Digest> rootOf(GenerationId id) {
        return log.entriesAfter(0, Integer.MAX_VALUE).stream()
                .filter(entry -> entry instanceof LogEntry.Commit commit
                        && commit.generation().id().equals(id))
                .findFirst()
                .map(entry -> ((LogEntry.Commit) entry).generation().root());
    }

    /**
     * The root of the base when its manifest is not kept here: a node that was away when it was committed. Without it this
     * node could not merge, should it become the manager.
     */
    Optional<Digest> missingBase() {
        var base = decided().base();
        if (base.isEmpty() || base.equals(keptBase)) {
            return Optional.empty();
        }
        var missing = rootOf(base.get()).filter(root -> state.manifest(root).isEmpty());
        if (missing.isEmpty()) {
            keptBase = base;
        }
        return missing;
    }

    /** Keeps a manifest that {@link #missingBase} named. */
    void keepBase(Manifest manifest) throws IOException {
        state.keep(manifest);
    }

    private void retain() throws IOException {
        var keep = new HashSet<Digest>();
        var decided = decided();
        state.applied().ifPresent(mark -> keep.add(mark.root()));
        long lastSeq = decided.reference().map(last -> last.id().seq()).orElse(0L);
        long fromSeq = Math.min(
                lastSeq - KEPT_GENERATIONS,
                decided.base().map(GenerationId::seq).orElse(lastSeq));
        keepSince(fromSeq, keep);
        state.retain(keep);
    }

    private void keepSince(long fromSeq, Set<Digest> keep) {
        for (var entry : log.entriesAfter(0, Integer.MAX_VALUE)) {
            if (entry instanceof LogEntry.Commit commit
                    && commit.generation().id().seq() >= fromSeq) {
                keep.add(commit.generation().root());
            }
        }
    }
}
