package io.lockstep.agent.config;

import io.lockstep.cluster.Reason;
import io.lockstep.mount.ExpectedMount;
import io.lockstep.mount.MountEntry;
import io.lockstep.mount.MountTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Holds the mounts of a configuration against what is mounted now. Nothing is looked at but the table and local paths,
 * so that it answers while a mount hangs.
 */
public final class MountCheck {
    private MountCheck() {}

    /** What is not as configured, or not configured, as warnings: a mount may come after the agent. */
    public static Findings mounts(AgentConfiguration configuration, MountTable table) {
        var warnings = new ArrayList<Problem>();
        for (int i = 0; i < configuration.trees().size(); i++) {
            var tree = configuration.trees().get(i);
            var key = "trees[" + i + "].mount";
            var mount = tree.mount();
            if (tree.share().isRemote()) {
                continue;
            }
            if (mount == null) {
                warnings.add(new Problem(
                        key,
                        "is not set, so the mount is proven by its marker and the members' beacons alone",
                        suggestion(tree.mountedShare(), table)));
            } else {
                check(key, mount, table, warnings);
            }
        }
        return new Findings(List.of(), warnings);
    }

    private static void check(String key, MountConfiguration mount, MountTable table, List<Problem> warnings) {
        var point = mount.point();
        var verdict = new ExpectedMount(point.toString(), mount.type(), mount.source()).check(table);
        if (verdict.isOk()) {
            return;
        }
        // Only the directories above the mountpoint are asked: the mountpoint itself is the mount's.
        var real = LocalPaths.resolved(point);
        boolean isBehindLink = verdict.reason() == Reason.NOT_MOUNTED
                && !real.equals(point)
                && table.at(real.toString()).isPresent();
        warnings.add(
                isBehindLink
                        ? new Problem(
                                key + ".point",
                                point + " leads through a link, and the mount table names " + real,
                                "Write " + real)
                        : new Problem(
                                key,
                                verdict.detail() + ", so the share counts as " + meaning(verdict.reason()),
                                sentence(verdict.reason().remedy())));
    }

    private static String meaning(Reason reason) {
        return reason == Reason.READ_ONLY ? "not writable" : "lost";
    }

    private static String sentence(String remedy) {
        return remedy.substring(0, 1).toUpperCase(Locale.ROOT) + remedy.substring(1);
    }

    private static String suggestion(Path share, MountTable table) {
        var mount =
                table.covering(share.toString()).filter(found -> !found.point().equals("/"));
        return mount.map(MountCheck::written)
                .map(text -> "If that is right, write what is mounted now: mount: " + text)
                .orElse("Mount the share, and write what findmnt -T " + share + " shows: {point, type, source}");
    }

    private static String written(MountEntry mount) {
        return "{point: '" + quoted(mount.point()) + "', type: " + mount.type() + ", source: '" + quoted(mount.source())
                + "'}";
    }

    private static String quoted(String text) {
        return text.replace("'", "''");
    }
}
