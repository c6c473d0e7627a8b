package io.lockstep.agent.app;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.MountInfo;
import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.agent.mountio.ChildSettings;
import io.lockstep.agent.mountio.MountIo;
import io.lockstep.agent.mountio.ShareCalls;
import io.lockstep.agent.store.BindRequests;
import io.lockstep.agent.store.BoundLivePath;
import io.lockstep.agent.store.ConflictStore;
import io.lockstep.agent.store.ContentStage;
import io.lockstep.agent.store.DirectLivePath;
import io.lockstep.agent.store.ForeignContent;
import io.lockstep.agent.store.LinkedLivePath;
import io.lockstep.agent.store.LivePath;
import io.lockstep.agent.store.Trash;
import io.lockstep.agent.store.TreeApplier;
import io.lockstep.agent.store.TreePlace;
import io.lockstep.artifact.TreeFilter;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.generation.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Everything of an agent that lies on this node's own disks: built once from the configuration, a part for each tree. Of
 * the share it only hands on where it is.
 */
final class Disk {
    /** How often a child tells how far it is: a hang is noticed this much after its deadline at the latest. */
    private static final Duration PULSE = Duration.ofMillis(250);

    private static final long MIB = 1L << 20;

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
            stages.put(tree.name(), new ContentStage(stage(tree.work())));
            trashes.put(tree.name(), new Trash(trash(tree.work())));
            conflicts.put(tree.name(), new ConflictStore(conflicts(tree.work())));
        }
    }

    /** Where a tree's stage lies in its work directory. */
    static Path stage(Path work) {
        return work.resolve("stage");
    }

    /** Where its trash lies. */
    static Path trash(Path work) {
        return work.resolve("trash");
    }

    /** Where its conflict store lies. */
    static Path conflicts(Path work) {
        return work.resolve("conflicts");
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

    /** Where the scrub works, apart from everything else. */
    Map<String, Path> scrubWorks() {
        var places = new TreeMap<String, Path>();
        works.forEach((tree, work) -> places.put(tree, work.resolve("scrub")));
        return places;
    }

    /** The stages of the scrub alone. */
    Map<String, ContentStage> scrubStages() {
        var own = new TreeMap<String, ContentStage>();
        scrubWorks().forEach((tree, place) -> own.put(tree, new ContentStage(place.resolve("stage"))));
        return own;
    }

    /** Scans of the replicas. */
    Trees replicaTrees() {
        return trees(TreeConfiguration::replica, Reason.REPLICA_BROKEN, error -> Reason.REPLICA_BROKEN);
    }

    private Trees trees(Function<TreeConfiguration, Path> place, Reason absent, Function<String, Reason> unreadable) {
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

    /** What lies on this node, by digest, staged into {@code into}. */
    LocalContents contents(Map<String, ContentStage> into, Trees trees, Corruptions corruptions) {
        return new LocalContents(into, trashes, conflicts, trees::root, corruptions);
    }

    LocalReplica replica(
            Trees trees, LocalContents contents, Corruptions corruptions, Supplier<Optional<Instant>> scrubbedAt) {
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
                new Trash.Bounds(trash.keep(), trash.generations(), MIB * trash.maxMiB()),
                contents,
                corruptions,
                scrubbedAt,
                clock);
    }

    /** The conflict stores, where {@code replica} counts. */
    StoredConflicts conflicts(LocalReplica replica) {
        return new StoredConflicts(
                new NodeName(configuration.node().name()), conflicts, trashes, stages, clock, replica::countConflicts);
    }

    /** The share, by way of a child process of {@code io}. */
    ChildShare share(MountIo io, LocalReplica replica, Supplier<Optional<Generation>> reference) {
        return new ChildShare(new ShareCalls(io), stages, replica::stage, reference);
    }

    /** What a child that touches the share is told. */
    ChildSettings childSettings() {
        var trees = new ArrayList<ChildSettings.Tree>();
        for (var tree : configuration.trees()) {
            var filter = tree.filter();
            trees.add(new ChildSettings.Tree(
                    tree.name(),
                    tree.share().toString(),
                    tree.credentials() == null ? "" : tree.credentials().toString(),
                    tree.work().toString(),
                    filter.include(),
                    filter.exclude(),
                    filter.report()));
        }
        var scan = configuration.scan();
        // Several pulses must fit into the deadline, whatever it is.
        var quarter = configuration.timing().shareDeadline().dividedBy(4);
        return new ChildSettings(
                configuration.node().name(),
                configuration.cluster().id(),
                scan.threads(),
                scan.racyWindow(),
                configuration.timing().shareDeadline(),
                quarter.compareTo(PULSE) < 0 ? quarter : PULSE,
                trees);
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

    TreeLivePaths livePaths() {
        var requests = new BindRequests(configuration.node().bindRequests());
        List<LivePath> paths = new ArrayList<>();
        for (var tree : configuration.trees()) {
            paths.add(
                    switch (tree.flip()) {
                        case LINK ->
                            tree.share().isRemote()
                                    ? LinkedLivePath.toReplicaOnly(tree.live(), tree.replica())
                                    : new LinkedLivePath(tree.live(), tree.mountedShare(), tree.replica());
                        case BIND ->
                            new BoundLivePath(
                                    tree.name(), tree.live(), tree.mountedShare(), tree.replica(), requests, clock);
                        case NONE -> new DirectLivePath(tree.live(), tree.replica());
                    });
        }
        return new TreeLivePaths(paths, new MountInfo());
    }
}
