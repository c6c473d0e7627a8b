package io.lockstep.agent.fuzz;

import io.lockstep.agent.gateway.ApiReader;
import io.lockstep.agent.gateway.Content;
import io.lockstep.agent.gateway.ContentCheck;
import io.lockstep.agent.gateway.FileFormat;
import io.lockstep.agent.gateway.Verdict;
import java.io.IOException;

/** Any bytes are valid XML or not, and what is not valid is no API; nothing is fetched, and nothing else comes of it. */
public final class XmlLookFuzz {
    private XmlLookFuzz() {}

    /** Called by the fuzzer with each input. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        var content = Content.of(input);
        var verdict = ContentCheck.check(FileFormat.XML, content);
        var facts = ApiReader.read(content);
        if (verdict instanceof Verdict.Invalid invalid && (invalid.detail().isBlank() || facts.isPresent())) {
            throw new IllegalStateException(invalid + " and yet " + facts);
        }
    }
}
