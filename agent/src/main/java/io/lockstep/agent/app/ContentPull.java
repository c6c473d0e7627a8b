package io.lockstep.agent.app;

import io.lockstep.agent.loop.PullTask;
import io.lockstep.agent.loop.Staging;
import io.lockstep.agent.posix.CallWatch;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.cluster.NodeName;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Parcel;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings content from members into the stages: takes what an earlier attempt left, and pulls the rest. */
final class ContentPull {
    private static final Logger LOG = LoggerFactory.getLogger(ContentPull.class);

    private final ParcelPull parcels;
    private final PullPlaces places;
    private final Map<String, ContentStage> stages;
    private final InstantSource clock;
    private final Duration patience;
    // Nodes that begin with different members don't all wait for the same one.
    private final AtomicInteger first =
            new AtomicInteger(ThreadLocalRandom.current().nextInt(1 << 16));

    /** @param patience no stream is opened later than this after the beginning of a pull */
    ContentPull(
            ParcelPull parcels,
            PullPlaces places,
            Map<String, ContentStage> stages,
            InstantSource clock,
            Duration patience) {
        this.parcels = parcels;
        this.places = places;
        this.stages = stages;
        this.clock = clock;
        this.patience = patience;
    }

    /** See {@link io.lockstep.agent.loop.Peers#pull}. One call at a time. */
    Staging pull(PullTask task) {
        List<Parcel> plan;
        try {
            takeLeftovers(task.files());
            plan = Parcel.plan(notStaged(task.files()), task.held(), ParallelPull.STREAMS);
            places.keepOnly(plan);
        } catch (IOException e) {
            return new Staging(task.files(), Optional.of("the directory for pulls: " + e));
        }
        var startedAt = clock.instant();
        var root = task.generation().root();
        ParallelPull.Source source = (NodeName member, Parcel parcel) -> parcels.pull(member, root, parcel);
        var outcome = new ParallelPull(source, clock, patience).pull(plan, task.members(), first.getAndIncrement());
        var missing = notStaged(task.files());
        // An attempt that moves nothing, once a second, is told of by its problem alone.
        if (outcome.movedBytes() > 0) {
            LOG.info(
                    "pulled generation={} files={} missing={} bytes={} took={} members={}",
                    task.generation().id(),
                    task.files().size(),
                    missing.size(),
                    outcome.movedBytes(),
                    Duration.between(startedAt, clock.instant()),
                    task.members().stream().map(NodeName::value).collect(Collectors.joining(",")));
        }
        var problem = outcome.problem().or(() -> Optional.of("the stage lost content"));
        return new Staging(missing, missing.isEmpty() ? Optional.empty() : problem, outcome.rejections());
    }

    private List<ManifestEntry> notStaged(List<ManifestEntry> files) {
        return files.stream()
                .filter(file -> !Stages.of(stages, file.path().first().toString())
                        .has(file.digest().orElseThrow()))
                .toList();
    }

    /** Takes the files that a process got which was killed before it could take them itself. */
    private void takeLeftovers(List<ManifestEntry> files) throws IOException {
        for (var tree : Stages.byTree(files).entrySet()) {
            for (var directory : places.leftovers(tree.getKey())) {
                // What is not whole is pulled again, whatever the reason.
                Stages.take(directory, tree.getValue(), Stages.of(stages, tree.getKey()), CallWatch.NONE);
            }
        }
    }

    /** See {@link io.lockstep.agent.loop.Peers#forgetPulls}. */
    void forget() {
        try {
            places.keepOnly(List.of());
        } catch (IOException e) {
            LOG.warn("what pulls got in part can't be removed: {}", e.toString());
        }
    }
}
