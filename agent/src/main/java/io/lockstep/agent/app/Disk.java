package io.lockstep.agent.app;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.ForeignContent;
import io.lockstep.agent.store.LivePath;
import io.lockstep.agent.store.Trash;
import io.lockstep.agent.store.TreeApplier;
import io.lockstep.agent.store.TreePlace;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.Reason;
import io.lockstep.generation.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/** Everything of an agent that lies on disks: built once from the configuration, a part for each tree. */
final class Disk {
    private final AgentConfiguration configuration;
    private final InstantSource clock;
    private final Map<String, ContentStage> stages = new TreeMap<>();
    private final Map<String, Trash> trashes = new TreeMap<>();
    private final Map<String, ConflictStore> conflicts = new TreeMap<>();
    private final Map<String, Path> works = new TreeMap<>();

    /** @throws StartFailure when a replica or a work directory can't be made */
    Disk(AgentConfiguration configuration, InstantSource clock) throws StartFailure {
        this.configuration = configuration;
        this.clock = clock;
        for (var tree : configuration.trees()) {
            make(tree.replica());
            make(tree.work());
            works.put(tree.name(), tree.work());
            stages.put(tree.name(), new ContentStage(tree.work().resolve("stage")));
            trashes.put(tree.name(), new Trash(tree.work().resolve("trash")));
            conflicts.put(tree.name(), new ConflictStore(tree.work().resolve("conflicts")));
        }
    }

    private static void make(Path directory) throws StartFailure {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new StartFailure(
                    "the directory " + directory + " can't be made (" + e + "); correct its path or its rights", e);
        }
    }

    Map<String, ContentStage> stages() {
        return stages;
    }

    Map<String, Path> works() {
        return works;
    }

    /** Scans of the replicas. */
    Trees replicaTrees() {
        return trees(TreeConfiguration::replica, Reason.REPLICA_BROKEN, Reason.REPLICA_BROKEN);
    }

    /** Scans of the share. */
    private Trees shareTrees() {
        return trees(TreeConfiguration::share, Reason.SHARE_MISSING, Reason.SHARE_IO_ERROR);
    }

    private Trees trees(Function<TreeConfiguration, Path> place, Reason absent, Reason unreadable) {
        var roots = new TreeMap<String, Path>();
        var filters = new TreeMap<String, TreeFilter>();
        for (var tree : configuration.trees()) {
            roots.put(tree.name(), place.apply(tree));
            filters.put(tree.name(), tree.filter());
        }
        var scan = configuration.scan();
        return new Trees(roots, filters, scan.threads(), scan.racyWindow(), clock, absent, unreadable);
    }

    /** Looks into what lies in the stages and the replicas. */
    LocalInspector inspector() {
        var roots = new TreeMap<String, Path>();
        configuration.trees().forEach(tree -> roots.put(tree.name(), tree.replica()));
        return new LocalInspector(stages, roots);
    }

    LocalReplica replica(Trees trees) {
        var trash = configuration.trash();
        return new LocalReplica(
                trees,
                stages,
                appliers(
                        TreeConfiguration::replica,
                        tree -> tree.work().resolve("tmp"),
                        ForeignContent.REPLACE_AND_KEEP),
                trashes.values(),
                conflicts.values(),
                trash.keep(),
                trash.generations(),
                clock);
    }

    MountedShare share(LocalReplica replica, Supplier<Optional<Generation>> reference) {
        var markers = new TreeMap<String, ShareMarker>();
        configuration.trees().forEach(tree -> markers.put(tree.name(), tree.marker()));
        // Only a name on the same file system can be renamed into place; the marker's directory is no part of a tree.
        Function<TreeConfiguration, Path> tmp =
                tree -> tree.share().resolve(ShareMarker.DIRECTORY).resolve("tmp");
        return new MountedShare(
                configuration.cluster().id(),
                markers,
                shareTrees(),
                stages,
                appliers(TreeConfiguration::share, tmp, ForeignContent.LEAVE_ALONE),
                replica::stage,
                reference);
    }

    private Map<String, TreeApplier> appliers(
            Function<TreeConfiguration, Path> root, Function<TreeConfiguration, Path> tmp, ForeignContent foreign) {
        var appliers = new TreeMap<String, TreeApplier>();
        for (var tree : configuration.trees()) {
            var name = tree.name();
            var place = new TreePlace(name, root.apply(tree), tmp.apply(tree), foreign);
            appliers.put(
                    name,
                    new TreeApplier(
                            place,
                            Stages.of(stages, name),
                            of(trashes, name),
                            of(conflicts, name),
                            tree.work(),
                            clock));
        }
        return appliers;
    }

    private static <T> T of(Map<String, T> parts, String tree) {
        var part = parts.get(tree);
        if (part == null) {
            throw new IllegalStateException("no part for tree " + tree);
        }
        return part;
    }

    LinkedLivePaths livePaths() {
        List<LivePath> paths = new ArrayList<>();
        for (var tree : configuration.trees()) {
            paths.add(new LivePath(tree.live(), tree.share(), tree.replica()));
        }
        return new LinkedLivePaths(paths);
    }
}
