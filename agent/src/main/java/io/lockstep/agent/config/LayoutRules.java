package io.lockstep.agent.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.regex.Pattern;

/** What must hold between the paths of a tree, by how its live path is led. Looks at nothing but the file. */
final class LayoutRules {
    /** The helper and the mount table write these as they are. */
    private static final Pattern PLAIN = Pattern.compile("(/[A-Za-z0-9_+=:,@%-][A-Za-z0-9_.+=:,@%-]*)+");

    private final List<TreeConfiguration> trees;
    private final List<Problem> problems = new ArrayList<>();

    private LayoutRules(List<TreeConfiguration> trees) {
        this.trees = trees;
    }

    /** Every contradiction. */
    static List<Problem> problems(List<TreeConfiguration> trees) {
        var rules = new LayoutRules(trees);
        for (int i = 0; i < trees.size(); i++) {
            var tree = trees.get(i);
            if (tree.share().isRemote()) {
                rules.checkRemote("trees[" + i + "]", tree);
                continue;
            }
            if (tree.hasUnderlayOfLive()) {
                rules.checkUnderlay("trees[" + i + "]", tree);
            }
            if (tree.flip() == FlipKind.NONE) {
                rules.checkDirect("trees[" + i + "]", tree);
            }
        }
        rules.checkSharedUnderlays();
        return List.copyOf(rules.problems);
    }

    private void add(String key, String what, String remedy) {
        problems.add(new Problem(key, what, remedy));
    }

    /** Nothing is mounted, so that nothing is led past a mount. */
    private void checkRemote(String key, TreeConfiguration tree) {
        if (tree.flip() != FlipKind.LINK) {
            add(
                    key + ".flip",
                    "is " + tree.flip().name().toLowerCase(java.util.Locale.ROOT) + ", and the share " + tree.share()
                            + " is not mounted",
                    "Remove the line: the live path is a link that always leads to the replica");
        }
        if (tree.mount() != null) {
            add(key + ".mount", "is set, and the share " + tree.share() + " is not mounted", "Remove it");
        }
    }

    private void checkDirect(String key, TreeConfiguration tree) {
        if (!tree.mountedShare().equals(tree.live())) {
            add(
                    key + ".share",
                    "is " + tree.share() + ", and with flip: none the share is mounted straight on the live path "
                            + tree.live(),
                    "Write the live path here as well, or choose flip: bind");
        }
        if (trees.stream().anyMatch(other -> other.flip() != FlipKind.NONE)) {
            add(
                    key + ".flip",
                    "is none, and another tree's is not",
                    "All trees go to one side together, so write none for all of them or for none");
        }
    }

    private void checkUnderlay(String key, TreeConfiguration tree) {
        var above = tree.replica().getParent();
        var flip = "flip: " + tree.flip().name().toLowerCase(java.util.Locale.ROOT);
        if (above == null || tree.live().getParent() == null) {
            add(key + ".replica", "is a root directory", "Name a directory below it");
            return;
        }
        if (!tree.replica().getFileName().equals(tree.live().getFileName())) {
            add(
                    key + ".replica",
                    "is " + tree.replica() + ", and with " + flip + " it is the live path " + tree.live()
                            + " itself, reached by a bind of the directory above",
                    "Write " + above.resolve(tree.live().getFileName()));
        }
        if (!tree.work().startsWith(above)) {
            add(
                    key + ".work",
                    "is " + tree.work() + ", and with " + flip + " it must lie in " + above
                            + ", because no file can be renamed from one mount to another",
                    "Remove the line for the default "
                            + above.resolve(".lockstep").resolve(tree.name()));
        }
        requirePlain(key + ".share", tree.mountedShare());
        requirePlain(key + ".live", tree.live());
        requirePlain(key + ".replica", tree.replica());
    }

    private void requirePlain(String key, Path path) {
        if (!PLAIN.matcher(path.toString()).matches()) {
            add(
                    key,
                    "is '" + path + "', which the helper lockstep-bind can't be told",
                    "Use letters, digits and _ . + = : , @ % - in names, and no name that starts with a dot");
        }
    }

    /** One bind leads to one directory. */
    private void checkSharedUnderlays() {
        var above = new HashMap<Path, Path>();
        for (int i = 0; i < trees.size(); i++) {
            var tree = trees.get(i);
            var point = tree.replica().getParent();
            var source = tree.live().getParent();
            if (tree.share().isRemote() || !tree.hasUnderlayOfLive() || point == null || source == null) {
                continue;
            }
            var other = above.putIfAbsent(point, source);
            if (other != null && !other.equals(source)) {
                add(
                        "trees[" + i + "].replica",
                        "lies in " + point + ", which leads to " + other + " for another tree, and must lead to "
                                + source,
                        "Choose another directory for this tree, such as " + point + "-" + tree.name());
            }
        }
    }
}
