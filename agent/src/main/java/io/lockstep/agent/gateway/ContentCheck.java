package io.lockstep.agent.gateway;

import java.io.IOException;

/**
 * Looks into content as its kind asks. Memory is bounded by the named limits of each kind, whatever the content claims
 * of itself; content beyond a limit is not checked, or where no Gateway could take it, invalid. Stateless.
 */
public final class ContentCheck {
    private ContentCheck() {}

    /**
     * The verdict on {@code content}.
     *
     * @throws IOException when the content can't be read: then there is no verdict
     */
    public static Verdict check(FileFormat kind, Content content) throws IOException {
        return switch (kind) {
            case XML -> XmlCheck.check(content);
            case CARBON_APPLICATION -> ArchiveCheck.check(content, true);
            case ARCHIVE -> ArchiveCheck.check(content, false);
            case JSON -> JsonCheck.check(content);
            case EXECUTION_PLAN -> ExecutionPlanCheck.check(content);
            case OTHER -> new Verdict.NotChecked("nothing is known of this kind of file");
        };
    }
}
