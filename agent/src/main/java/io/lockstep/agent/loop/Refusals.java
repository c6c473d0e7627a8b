package io.lockstep.agent.loop;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.generation.Refusal;
import io.lockstep.generation.View;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What was refused of one authority's content, for as long as it holds: invalid content while the authority shows it, a
 * file that stands in another's way until the authority shows anything else, a file that is being written until the
 * next look. Only the control thread calls the methods.
 */
final class Refusals {
    private final Map<EntryPath, Refusal> refused = new HashMap<>();
    private Optional<View> view = Optional.empty();
    private Instant lookedAt = Instant.MIN;

    /** What holds now that {@code look} is the newest. */
    Map<EntryPath, Refusal> at(LookHistory.Look look) {
        boolean isSameView = view.filter(look.view()::equals).isPresent();
        boolean isSameLook = lookedAt.equals(look.at());
        if (!isSameLook) {
            refused.entrySet().removeIf(entry -> switch (entry.getValue().why()) {
                case BEING_WRITTEN -> true;
                case DUPLICATE_API -> !isSameView;
                default -> !shows(look.view(), entry.getKey(), entry.getValue());
            });
            view = Optional.of(look.view());
            lookedAt = look.at();
        }
        return refused;
    }

    private static boolean shows(View view, EntryPath path, Refusal refusal) {
        return view.manifest()
                .find(path)
                .flatMap(ManifestEntry::digest)
                .filter(refusal.digest()::equals)
                .isPresent();
    }

    void add(Map<EntryPath, Refusal> more) {
        refused.putAll(more);
    }
}
