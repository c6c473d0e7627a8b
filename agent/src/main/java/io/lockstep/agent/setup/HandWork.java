package io.lockstep.agent.setup;

import io.lockstep.agent.config.AgentConfiguration;
import io.lockstep.agent.config.FlipKind;
import io.lockstep.mount.MountTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What setup leaves to a person: the host's own files. */
final class HandWork {
    private HandWork() {}

    static List<String> lines(
            AgentConfiguration configuration, Path file, List<Underlay> underlays, MountTable mounts) {
        var lines = new ArrayList<String>();
        fstab(configuration, mounts, lines);
        boolean needsHelper = configuration.trees().stream().anyMatch(tree -> tree.flip() == FlipKind.BIND);
        if (!underlays.isEmpty()) {
            lines.add(
                    needsHelper
                            ? "The helper, which runs as root:"
                            : "The helper, which binds at every start of the host:");
            lines.add("  install -m 755 systemd/lockstep-bind /opt/lockstep/bin/");
            lines.add("  cp systemd/lockstep-bind.service /etc/systemd/system/ && systemctl daemon-reload");
            if (!file.startsWith("/etc/lockstep")) {
                lines.add("  systemctl edit lockstep-bind     # it reads /etc/lockstep/bind.conf: name "
                        + file.resolveSibling("bind.conf"));
            }
            lines.add("  systemctl enable --now lockstep-bind");
        }
        if (!underlays.isEmpty() && !needsHelper) {
            lines.add("  or, without it, in /etc/fstab:");
            new LinkedHashSet<>(underlays)
                    .forEach(underlay -> lines.add(
                            "  " + underlay.source() + "  " + underlay.point() + "  none  bind,private  0  0"));
        }
        lines.add("The agent's unit, by systemctl edit lockstep:");
        lines.add("  [Service]");
        writable(configuration).forEach(path -> lines.add("  ReadWritePaths=" + path));
        lines.add("Then: lockstep check " + file + ", and start the agent; the Gateway when /ready answers 200.");
        return lines;
    }

    private static void fstab(AgentConfiguration configuration, MountTable mounts, List<String> lines) {
        Set<String> told = new LinkedHashSet<>();
        for (var tree : configuration.trees()) {
            var mount = Underlay.shareMount(tree, mounts);
            if (mount.isPresent()) {
                told.add("  " + mount.get().source() + "  " + mount.get().point() + "  "
                        + mount.get().type() + "  _netdev  0  0     # as it is mounted now; keep your options");
            } else {
                told.add("  SERVER:/EXPORT  "
                        + (tree.flip() == FlipKind.NONE ? tree.live() : Owned.above(tree.mountedShare()))
                        + "  nfs4  _netdev  0  0     # not mounted now");
            }
        }
        lines.add("The share, in /etc/fstab:");
        lines.addAll(told);
    }

    /** Directories above mountpoints, never mountpoints: what is bound into the unit would go stale with them. */
    private static Set<Path> writable(AgentConfiguration configuration) {
        var paths = new LinkedHashSet<Path>();
        paths.add(Owned.above(configuration.node().state()));
        for (var tree : configuration.trees()) {
            paths.add(
                    tree.hasUnderlayOfLive() ? Owned.above(Owned.above(tree.replica())) : Owned.above(tree.replica()));
            paths.add(Owned.above(tree.work()));
            paths.add(Owned.above(tree.live()));
            paths.add(
                    tree.flip() == FlipKind.NONE
                            ? Owned.above(tree.live())
                            : Owned.above(Owned.above(tree.mountedShare())));
        }
        var all = List.copyOf(paths);
        paths.removeIf(path -> all.stream().anyMatch(other -> !other.equals(path) && path.startsWith(other)));
        return paths;
    }
}
