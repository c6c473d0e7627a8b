package io.lockstep.agent.cli;

import io.lockstep.agent.config.MemberAddress;
import java.net.URI;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * A node as {@code setup} is told of it: {@code NAME=HOST[:CONTROL[:OPS]]}.
 *
 * @param host a host name, an IPv4 address or an IPv6 address in brackets
 */
record NodeAddress(String name, String host, int controlPort, int opsPort) {
    private static final Pattern TEXT = Pattern.compile(
            "(" + MemberAddress.NAME + ")=(\\[[0-9a-fA-F:.]+]|[^:\\[\\]/\\s]+)(?::(\\d{1,5}))?(?::(\\d{1,5}))?");

    /** As in the configuration's defaults. */
    static final int DEFAULT_CONTROL_PORT = 9881;

    static final int DEFAULT_OPS_PORT = 9880;

    URI control() {
        return URI.create("https://" + host + ":" + controlPort);
    }

    /** The address for a certificate, which has no brackets. */
    String bareHost() {
        return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    }

    /** Reads the option's text. */
    static final class Converter implements ITypeConverter<NodeAddress> {
        @Override
        public NodeAddress convert(String text) {
            var matcher = TEXT.matcher(text);
            if (!matcher.matches()) {
                throw new TypeConversionException(
                        "'" + text + "' is not NAME=HOST[:CONTROL[:OPS]], such as gw1=10.0.0.1:9881:9880");
            }
            // The name's own group is the second one.
            return new NodeAddress(
                    matcher.group(1),
                    matcher.group(3),
                    port(matcher.group(4), DEFAULT_CONTROL_PORT),
                    port(matcher.group(5), DEFAULT_OPS_PORT));
        }

        private static int port(@org.jspecify.annotations.Nullable String text, int otherwise) {
            int port = text == null ? otherwise : Integer.parseInt(text);
            if (port < 1 || port > 65535) {
                throw new TypeConversionException("port " + port + " is not 1 to 65535");
            }
            return port;
        }
    }
}
