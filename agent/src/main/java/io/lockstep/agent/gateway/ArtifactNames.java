package io.lockstep.agent.gateway;

import io.lockstep.artifact.EntryPath;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the names in a Gateway's tree tell (API Manager 2.x to 4.x): an API is {@code
 * api/<provider>--<Name>_v<version>.xml}, its sequences are {@code
 * sequences/<provider>--<Name>_v<version>--(In|Out|Fault).xml}, its endpoints {@code
 * endpoints/<Name>--v<version>_API(production|sandbox)Endpoint.xml}. The default version is the API without {@code
 * _v<version>}.
 */
public final class ArtifactNames {
    private static final Pattern ARTIFACT =
            Pattern.compile("(?<home>.*/)?(?<kind>api|sequences|endpoints)/(?:[^/]+/)*(?<name>[^/]+)\\.xml");
    private static final Pattern SEQUENCE = Pattern.compile("(?<api>.+?--.+)--(?:In|Out|Fault)");
    private static final Pattern ENDPOINT = Pattern.compile("(?<name>.+)--v(?<version>.+)_API[a-z]*Endpoint.*");
    private static final Pattern API = Pattern.compile(".+?--(?<name>.+?)(?:_v(?<version>.+))?");

    private ArtifactNames() {}

    /**
     * The API that a file belongs to, alike for its file, its sequences and its endpoints; empty for a file whose name
     * tells none. Two providers with an API of one name and version share their endpoints' names, so that the provider
     * is not part of it.
     */
    public static Optional<String> artifactOf(EntryPath path) {
        var file = ARTIFACT.matcher(path.toString());
        if (!file.matches()) {
            return Optional.empty();
        }
        var name = file.group("name");
        var home = Optional.ofNullable(file.group("home")).orElse("");
        return (switch (file.group("kind")) {
                    case "endpoints" -> endpoint(name);
                    case "sequences" -> {
                        var sequence = SEQUENCE.matcher(name);
                        yield sequence.matches() ? api(sequence.group("api")) : Optional.<String>empty();
                    }
                    default -> api(name);
                })
                .map(api -> home + " " + api);
    }

    private static Optional<String> endpoint(String name) {
        var match = ENDPOINT.matcher(name);
        return match.matches() ? Optional.of(match.group("name") + " " + match.group("version")) : Optional.empty();
    }

    private static Optional<String> api(String name) {
        var match = API.matcher(name);
        return match.matches()
                ? Optional.of(match.group("name") + " "
                        + Optional.ofNullable(match.group("version")).orElse(""))
                : Optional.empty();
    }

    /** The name as the Gateway writes it as a file's. */
    static String fileName(String name) {
        return name.replaceAll("[\\\\/?*|:<> ]", "_");
    }
}
