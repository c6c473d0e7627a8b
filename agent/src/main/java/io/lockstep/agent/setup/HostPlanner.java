package io.lockstep.agent.setup;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.FlipKind;
import io.lockstep.agent.config.MountInfo;
import io.lockstep.agent.config.Problem;
import io.lockstep.agent.config.TreeConfiguration;
import io.lockstep.mount.MountTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at a host, and makes the plan that brings it from there to what its configuration says. Changes nothing. */
public final class HostPlanner {
    private static final int ALL_MAY_PASS = 0755;
    private static final int AGENT_ONLY = 0750;

    private final AgentConfiguration configuration;
    private final Path file;
    private final MountTable mounts;
    private final List<Step> steps = new ArrayList<>();
    private final List<Problem> obstacles = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<Underlay> underlays = new ArrayList<>();

    private HostPlanner(AgentConfiguration configuration, Path file, MountTable mounts) {
        this.configuration = configuration;
        this.file = file;
        this.mounts = mounts;
    }

    /** The plan for the host of {@code configuration}, which was read from {@code file}. */
    public static HostPlan plan(AgentConfiguration configuration, Path file) throws IOException, InterruptedException {
        return new HostPlanner(configuration, file.toAbsolutePath().normalize(), new MountInfo().read()).plan();
    }

    private HostPlan plan() throws IOException, InterruptedException {
        Map<String, Optional<Underlay>> byTree = new HashMap<>();
        for (int i = 0; i < configuration.trees().size(); i++) {
            var tree = configuration.trees().get(i);
            if (tree.share().isRemote()) {
                obstacles.add(new Problem(
                        "trees[" + i + "].share",
                        "is on a server and not mounted: " + tree.share(),
                        "Nothing is to be prepared: the agent makes the link at trees[].live to the replica itself. A"
                                + " directory that is there now: move it away while the Gateway is stopped"));
                return new HostPlan(List.of(), obstacles, notes, List.of());
            }
            var peek = SharePeek.at(tree.mountedShare(), configuration.timing().shareDeadline());
            var survey = new TreeSurvey("trees[" + i + "]", tree, mounts, peek, obstacles, notes);
            byTree.put(tree.name(), survey.look());
        }
        byTree.values().forEach(underlay -> underlay.ifPresent(underlays::add));
        // A host that is not as expected gets no steps that would look at what may not be there.
        if (obstacles.isEmpty()) {
            addUnderlays();
            for (var tree : configuration.trees()) {
                addTree(tree, byTree.getOrDefault(tree.name(), Optional.empty()));
            }
        }
        var planned = new ArrayList<HostPlan.Planned>();
        for (var step : steps) {
            planned.add(new HostPlan.Planned(step, step.now(), step.hasHappened()));
        }
        return new HostPlan(planned, obstacles, notes, HandWork.lines(configuration, file, underlays, mounts));
    }

    private void addUnderlays() throws IOException {
        if (underlays.isEmpty()) {
            return;
        }
        var conf = file.resolveSibling("bind.conf");
        var text = BindConf.text(underlays, configuration.trees());
        var before = WriteFile.content(conf);
        for (var underlay : underlays.stream().distinct().toList()) {
            if (mounts.at(underlay.point().toString()).isEmpty()) {
                addDirectories(underlay.point(), ALL_MAY_PASS, "The underlay is bound here.");
            }
        }
        steps.add(new WriteFile(
                conf.toString(),
                text,
                // What was there before an earlier attempt is in the journal.
                before.filter(now -> !now.equals(text)),
                "The helper lockstep-bind makes the binds that it names at every start of the host, and no others."));
        for (var underlay : underlays.stream().distinct().toList()) {
            steps.add(new BindDirectory(
                    underlay.source().toString(),
                    underlay.point().toString(),
                    "By it the agent reaches the replica, which lies beneath the mountpoint. Private, so that what is"
                            + " mounted there later does not appear here."));
        }
    }

    private void addTree(TreeConfiguration tree, Optional<Underlay> underlay) {
        var live = tree.live();
        if (tree.flip() == FlipKind.LINK && Files.isDirectory(live, LinkOption.NOFOLLOW_LINKS)) {
            addCopyAndLink(tree, underlay.isPresent());
        } else if (tree.flip() == FlipKind.LINK
                && Files.notExists(live, LinkOption.NOFOLLOW_LINKS)
                && Files.isDirectory(TreeSurvey.aside(live), LinkOption.NOFOLLOW_LINKS)) {
            // An earlier attempt ended between the two renames of a file system that can't exchange names.
            steps.add(link(tree));
        } else if (tree.flip() == FlipKind.LINK && underlay.isEmpty()) {
            addDirectories(Owned.above(tree.replica()), ALL_MAY_PASS, "The replica is made in it.");
        }
        // What lies beyond a bind that is not made yet is looked at, and made, when it is its turn.
        addDirectories(tree.work(), AGENT_ONLY, "Staging, trash and conflicts of tree " + tree.name() + ".");
    }

    private void addCopyAndLink(TreeConfiguration tree, boolean hasUnderlay) {
        if (!hasUnderlay) {
            addDirectories(Owned.above(tree.replica()), ALL_MAY_PASS, "The replica is copied into it.");
        }
        steps.add(new CopyTree(
                tree.live().toString(),
                tree.replica().toString(),
                Files.isDirectory(tree.replica()),
                "It becomes the replica, and has what the filter leaves out as well: a Gateway that lives on its replica"
                        + " needs that too."));
        steps.add(link(tree));
    }

    private static Step link(TreeConfiguration tree) {
        return new ReplaceByLink(
                tree.live().toString(),
                tree.replica().toString(),
                tree.mountedShare().toString(),
                TreeSurvey.aside(tree.live()).toString(),
                "The agent renames this link. At first the Gateway reads the copy, which is what it read before; the"
                        + " agent leads it to the share when both are the same.");
    }

    /** The directory and those above it that are missing, from the top. */
    private void addDirectories(Path directory, int mode, String why) {
        var missing = new ArrayList<MakeDirectory>();
        var planned = steps.stream()
                .filter(MakeDirectory.class::isInstance)
                .map(step -> ((MakeDirectory) step).directory())
                .toList();
        var at = directory;
        while (!at.equals(at.getRoot()) && !Files.isDirectory(at) && !planned.contains(at.toString())) {
            missing.add(0, new MakeDirectory(at.toString(), mode, why));
            at = Owned.above(at);
        }
        steps.addAll(missing);
    }
}
