namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>One file of an assembly names another one. A file is its outermost type.</summary>
/// <param name="From">Who names.</param>
/// <param name="To">Who is named.</param>
internal readonly record struct Arrow(TypeFile From, TypeFile To);
