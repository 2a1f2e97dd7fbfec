using System.Text;

namespace TaaS.Benchmarks.Peers;

/// <summary>A model of one operator on f32 tensors, in ONNX's protobuf form (onnx.proto, IR 8, opset 13).</summary>
internal sealed class OnnxModel(string operation)
{
    private const int Float = 1;
    private const int AttributeInt = 2;
    private const int AttributeInts = 7;
    private const int IrVersion = 8;
    private const int Opset = 13;

    private readonly List<(string Name, int[] Shape)> _inputs = [];
    private readonly List<(string Name, int[] Shape)> _outputs = [];
    private readonly List<byte[]> _attributes = [];

    /// <summary>Inputs in order.</summary>
    internal IReadOnlyList<(string Name, int[] Shape)> Inputs => _inputs;

    /// <summary>Outputs in order.</summary>
    internal IReadOnlyList<(string Name, int[] Shape)> Outputs => _outputs;

    internal OnnxModel Input(string name, int[] shape)
    {
        _inputs.Add((name, shape));
        return this;
    }

    internal OnnxModel Output(string name, int[] shape)
    {
        _outputs.Add((name, shape));
        return this;
    }

    internal OnnxModel Attribute(string name, int value)
    {
        _attributes.Add(Message(Text(1, name), Number(3, value), Number(20, AttributeInt)));
        return this;
    }

    internal OnnxModel Attribute(string name, int[] values)
    {
        _attributes.Add(Message([Text(1, name), .. values.Select(value => Number(8, value)), Number(20, AttributeInts)]));
        return this;
    }

    /// <summary>The whole ModelProto.</summary>
    internal byte[] ToBytes()
    {
        var node = Message(
        [
            .. _inputs.Select(input => Text(1, input.Name)),
            .. _outputs.Select(output => Text(2, output.Name)),
            Text(4, operation),
            .. _attributes.Select(attribute => Field(5, attribute)),
        ]);
        var graph = Message(
        [
            Field(1, node),
            Text(2, operation),
            .. _inputs.Select(input => Field(11, ValueInfo(input.Name, input.Shape))),
            .. _outputs.Select(output => Field(12, ValueInfo(output.Name, output.Shape))),
        ]);
        return Message(Number(1, IrVersion), Field(7, graph), Field(8, Message(Number(2, Opset))));
    }

    private static byte[] ValueInfo(string name, int[] shape)
    {
        var dimensions = Message([.. shape.Select(length => Field(1, Message(Number(1, length))))]);
        var tensor = Message(Number(1, Float), Field(2, dimensions));
        return Message(Text(1, name), Field(2, Message(Field(1, tensor))));
    }

    private static byte[] Message(params byte[][] fields) => [.. fields.SelectMany(field => field)];

    private static byte[] Text(int field, string value) => Field(field, Encoding.UTF8.GetBytes(value));

    private static byte[] Field(int field, byte[] content) => [.. Varint((field << 3) | 2), .. Varint(content.Length), .. content];

    private static byte[] Number(int field, int value) => [.. Varint(field << 3), .. Varint(value)];

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
