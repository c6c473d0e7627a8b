package io.lockstep.wire;

import io.lockstep.digest.Digest;
import io.lockstep.generation.ManifestWalk;
import java.util.List;
import java.util.Objects;

/**
 * Asks for nodes of the hash trie of the manifest with this root: the body of {@code POST /v1/trie}.
 *
 * @param prefixes at most {@link ManifestWalk#MAX_QUESTIONS}
 */
public record TrieQuestions(Digest root, List<String> prefixes) {
    public TrieQuestions {
        Objects.requireNonNull(root, "the request lacks the root digest");
        prefixes = List.copyOf(prefixes);
        if (prefixes.size() > ManifestWalk.MAX_QUESTIONS) {
            throw new IllegalArgumentException(
                    "at most " + ManifestWalk.MAX_QUESTIONS + " questions at once, not " + prefixes.size());
        }
    }
}
