"""训练中的观察：曲线的含义（glossary）、记录（recorder）、VisualDL 视图（visualdl_board）。"""
