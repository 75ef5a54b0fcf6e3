"""What a picture of a report shows, as plain data: `layout.chart_of()`. Nothing here knows how it is drawn.

`service.drawing` draws it with matplotlib; whatever else can draw a line can draw the same.
"""
