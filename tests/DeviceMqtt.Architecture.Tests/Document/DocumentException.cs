namespace DeviceMqtt.Architecture.Tests.Document;

/// <summary>The document cannot be read as it is: the message names its line.</summary>
/// <param name="document">The document.</param>
/// <param name="line">The line, from 0; -1 for the document as a whole.</param>
/// <param name="problem">What is wrong with it.</param>
internal sealed class DocumentException(string document, int line, string problem)
    : Exception(line < 0 ? $"{document}: {problem}" : $"{document}:{line + 1}: {problem}");
