package io.lockstep.agent.cli;

import io.lockstep.agent.config.TreeConfiguration;

/** Says in words how a tree's live path is led on this host, and what that can't do. */
final class LayoutExplanation {
    private LayoutExplanation() {}

    /**
     * Adds the explanation to {@code answer}.
     *
     * @param share where the tree is on the share's mount
     */
    static void explain(TreeConfiguration tree, String share, Answer.Builder answer) {
        switch (tree.flip()) {
            case LINK -> {
                answer.line("  The Gateway reads " + tree.live() + ", a link that the agent points");
                answer.line("    to the share    " + share);
                answer.line("    or the replica  " + tree.replica() + ".");
                Prose.sentence(
                        "A mount that hangs is left by renaming the link, after timing.shareDeadline. Every file has another"
                                + " real path then, so a Gateway refuses to update or undeploy what it deployed before,"
                                + " until it is restarted; flip: bind has no such limit.",
                        answer);
            }
            case BIND -> {
                answer.line("  The Gateway reads " + tree.live() + ", a directory,");
                answer.line("    which is the replica: " + tree.replica() + " leads there past any mount,");
                answer.line("    and which the root helper lockstep-bind covers with the share " + share + ".");
                Prose.sentence(
                        "A mount that hangs is detached by the helper, after timing.shareDeadline; files keep their real"
                                + " path. While the helper does not run nothing is led anywhere.",
                        answer);
            }
            case NONE -> {
                answer.line("  The Gateway reads " + tree.live() + ", on which the share is mounted straight.");
                answer.line("    Beneath it lies the replica, which " + tree.replica() + " leads to.");
                Prose.sentence(
                        "An unmount uncovers the replica at once. A mount that hangs can't be bypassed: the Gateway hangs"
                                + " too, until somebody runs umount -l " + tree.live() + ". While the mount shows"
                                + " something else than the reference, the Gateway reads it.",
                        answer);
            }
        }
    }
}
