extension JSONValue {
    /// Reads RFC 8259 strictly: no comments, trailing commas or repeated names, bounded depth.
    package init(parsing bytes: [UInt8]) throws(JSONFault) {
        self = try JSONParser.parse(bytes)
    }
}
