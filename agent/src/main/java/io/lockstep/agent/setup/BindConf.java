package io.lockstep.agent.setup;

import io.lockstep.agent.config.FlipKind;
import io.lockstep.agent.config.TreeConfiguration;
import java.util.LinkedHashSet;
import java.util.List;

/** The file of the helper lockstep-bind, which decides what root mounts where. */
final class BindConf {
    private BindConf() {}

    /**
     * Its text.
     *
     * @param underlays in the order of their trees
     */
    static String text(List<Underlay> underlays, List<TreeConfiguration> trees) {
        var lines = new StringBuilder("# Made by lockstep setup --host. Read by lockstep-bind, and root's alone.\n");
        for (var underlay : new LinkedHashSet<>(underlays)) {
            lines.append("underlay ")
                    .append(underlay.source())
                    .append(' ')
                    .append(underlay.point())
                    .append('\n');
        }
        for (var tree : trees) {
            if (tree.flip() == FlipKind.BIND) {
                lines.append("tree ")
                        .append(tree.name())
                        .append(' ')
                        .append(tree.mountedShare())
                        .append(' ')
                        .append(tree.live())
                        .append('\n');
            }
        }
        return lines.toString();
    }
}
